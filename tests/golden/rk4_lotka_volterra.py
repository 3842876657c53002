"""The function final_prey and its derivative, written by adjoint 0.1.0.

Function:

    def final_prey(prey, predators, birth, hunt, death, growth, n: int, h=0.01):
        \"\"\"The prey after n steps of the classic Runge-Kutta method.\"\"\"

        def rate(u, v):
            return birth * u - hunt * u * v, growth * u * v - death * v

        for _ in range(n):
            k1, l1 = rate(prey, predators)
            k2, l2 = rate(prey + h / 2 * k1, predators + h / 2 * l1)
            k3, l3 = rate(prey + h / 2 * k2, predators + h / 2 * l2)
            k4, l4 = rate(prey + h * k3, predators + h * l3)
            prey += h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
            predators += h / 6 * (l1 + 2 * l2 + 2 * l3 + l4)
        return prey

final_prey(prey, predators, birth, hunt, death, growth, n, h) returns the value.
final_prey_value_and_grad(prey, predators, birth, hunt, death, growth, n, h) returns
    (value, (dfinal_prey/dprey, dfinal_prey/dpredators, dfinal_prey/dbirth,
    dfinal_prey/dhunt, dfinal_prey/ddeath, dfinal_prey/dgrowth)).

Operations: 60 for final_prey, 182 for final_prey_value_and_grad, ratio 3.03.
"""


def final_prey(prey, predators, birth, hunt, death, growth, n, h=0.01):
    for _ in range(n):
        k1 = birth * prey - hunt * prey * predators
        l1 = growth * prey * predators - death * predators
        t1 = h / 2.0
        t2 = prey + t1 * k1
        t3 = predators + t1 * l1
        k2 = birth * t2 - hunt * t2 * t3
        l2 = growth * t2 * t3 - death * t3
        t4 = prey + t1 * k2
        t5 = predators + t1 * l2
        k3 = birth * t4 - hunt * t4 * t5
        l3 = growth * t4 * t5 - death * t5
        t6 = prey + h * k3
        t7 = predators + h * l3
        k4 = birth * t6 - hunt * t6 * t7
        l4 = growth * t6 * t7 - death * t7
        t8 = h / 6.0
        prey += t8 * (k1 + 2.0 * k2 + 2.0 * k3 + k4)
        predators += t8 * (l1 + 2.0 * l2 + 2.0 * l3 + l4)
    return prey


def final_prey_value_and_grad(prey, predators, birth, hunt, death, growth, n, h=0.01):
    # forward sweep
    saved = []
    for _ in range(n):
        k1 = birth * prey - hunt * prey * predators
        l1 = growth * prey * predators - death * predators
        t1 = h / 2.0
        t2 = prey + t1 * k1
        t3 = predators + t1 * l1
        k2 = birth * t2 - hunt * t2 * t3
        l2 = growth * t2 * t3 - death * t3
        t4 = prey + t1 * k2
        t5 = predators + t1 * l2
        k3 = birth * t4 - hunt * t4 * t5
        l3 = growth * t4 * t5 - death * t5
        t6 = prey + h * k3
        t7 = predators + h * l3
        saved.append((prey, predators, t2, t3, t4, t5, t6, t7))
        k4 = birth * t6 - hunt * t6 * t7
        l4 = growth * t6 * t7 - death * t7
        t8 = h / 6.0
        prey += t8 * (k1 + 2.0 * k2 + 2.0 * k3 + k4)
        predators += t8 * (l1 + 2.0 * l2 + 2.0 * l3 + l4)
    # reverse sweep
    prey_bar = 1.0
    predators_bar = 0.0
    death_bar = 0.0
    growth_bar = 0.0
    hunt_bar = 0.0
    birth_bar = 0.0
    for _ in range(n):
        prey_2, predators, t2, t3, t4, t5, t6, t7 = saved.pop()
        t9 = h / 2.0  # k2, l2 = rate(prey + h / 2 * k1, predators + h / 2 * l1)
        t10 = h / 6.0  # prey += h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        t11 = predators_bar * t10
        t12 = 2.0 * t11
        t13 = prey_bar * t10
        t14 = 2.0 * t13
        t15 = -t11
        t16 = t11 * t7
        t17 = -t13
        t18 = t17 * t7
        t7_bar = t15 * death + t11 * (growth * t6) + t17 * (hunt * t6)
        t6_bar = t16 * growth + t18 * hunt + t13 * birth
        l3_bar = t12 + t7_bar * h
        k3_bar = t14 + t6_bar * h
        t19 = -l3_bar
        t20 = l3_bar * t5
        t21 = -k3_bar
        t22 = t21 * t5
        t5_bar = t19 * death + l3_bar * (growth * t4) + t21 * (hunt * t4)
        t4_bar = t20 * growth + t22 * hunt + k3_bar * birth
        l2_bar = t12 + t5_bar * t9
        k2_bar = t14 + t4_bar * t9
        t23 = -l2_bar
        t24 = l2_bar * t3
        t25 = -k2_bar
        t26 = t25 * t3
        t3_bar = t23 * death + l2_bar * (growth * t2) + t25 * (hunt * t2)
        t2_bar = t24 * growth + t26 * hunt + k2_bar * birth
        l1_bar = t11 + t3_bar * t9
        k1_bar = t13 + t2_bar * t9
        t27 = -l1_bar
        t28 = l1_bar * predators
        predators_bar_2 = predators_bar + t7_bar + t5_bar + t3_bar + t27 * death
        t29 = -k1_bar
        t30 = t29 * predators
        predators_bar_2 += l1_bar * (growth * prey_2)
        prey_bar_2 = prey_bar + t6_bar + t4_bar + t2_bar + t28 * growth
        death_bar_2 = t15 * t7 + t19 * t5 + t23 * t3 + t27 * predators
        birth_bar_2 = t13 * t6 + k3_bar * t4 + k2_bar * t2 + k1_bar * prey_2
        predators_bar = predators_bar_2 + t29 * (hunt * prey_2)
        prey_bar = prey_bar_2 + t30 * hunt + k1_bar * birth
        death_bar += death_bar_2
        growth_bar += t16 * t6 + t20 * t4 + t24 * t2 + t28 * prey_2
        hunt_bar += t18 * t6 + t22 * t4 + t26 * t2 + t30 * prey_2
        birth_bar += birth_bar_2
    return prey, (prey_bar, predators_bar, birth_bar, hunt_bar, death_bar, growth_bar)

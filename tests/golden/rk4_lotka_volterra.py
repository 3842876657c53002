"""The function final_prey and its derivative, written by adjoint 0.1.0.

Function:

    def final_prey(prey, predators, birth, hunt, death, growth, n: int, h=0.01):
        def rate(u, v):
            return birth * u - hunt * u * v, growth * u * v - death * v

        for _ in range(n):
            k1, l1 = rate(prey, predators)
            k2, l2 = rate(prey + h / 2 * k1, predators + h / 2 * l1)
            k3, l3 = rate(prey + h / 2 * k2, predators + h / 2 * l2)
            k4, l4 = rate(prey + h * k3, predators + h * l3)
            prey += h * (k1 + 2 * k2 + 2 * k3 + k4) / 6
            predators += h * (l1 + 2 * l2 + 2 * l3 + l4) / 6
        return prey

final_prey(prey, predators, birth, hunt, death, growth, n, h) returns the value.
final_prey_value_and_grad(prey, predators, birth, hunt, death, growth, n, h) returns
    (value, (dfinal_prey/dprey, dfinal_prey/dpredators, dfinal_prey/dbirth,
    dfinal_prey/dhunt, dfinal_prey/ddeath, dfinal_prey/dgrowth)).

Operations: 61 for final_prey, 169 for final_prey_value_and_grad, ratio 2.77.
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
        prey += h * (k1 + 2.0 * k2 + 2.0 * k3 + k4) / 6.0
        predators += h * (l1 + 2.0 * l2 + 2.0 * l3 + l4) / 6.0
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
        prey += h * (k1 + 2.0 * k2 + 2.0 * k3 + k4) / 6.0
        predators += h * (l1 + 2.0 * l2 + 2.0 * l3 + l4) / 6.0
    # reverse sweep
    prey_bar = 1.0
    predators_bar = 0.0
    death_bar = 0.0
    growth_bar = 0.0
    hunt_bar = 0.0
    birth_bar = 0.0
    for _ in range(n):
        prey_2, predators, t2, t3, t4, t5, t6, t7 = saved.pop()
        t8 = h / 2.0  # k2, l2 = rate(prey + h / 2 * k1, predators + h / 2 * l1)
        t9 = predators_bar / 6.0 * h  # predators += h * (l1 + 2 * l2 + 2 * l3 + l4) / 6
        t10 = 2.0 * t9
        t11 = prey_bar / 6.0 * h  # prey += h * (k1 + 2 * k2 + 2 * k3 + k4) / 6
        t12 = 2.0 * t11
        t13 = t9 * t7  # return birth * u - hunt * u * v, growth * u * v - death * v
        t14 = t11 * t7
        t7_bar = (growth * t6 - death) * t9 - t11 * (hunt * t6)
        t6_bar = t13 * growth - t14 * hunt + t11 * birth
        l3_bar = t10 + t7_bar * h  # k4, l4 = rate(prey + h * k3, predators + h * l3)
        k3_bar = t12 + t6_bar * h
        t15 = l3_bar * t5  # return birth * u - hunt * u * v, growth * u * v - death * v
        t16 = k3_bar * t5
        t5_bar = (growth * t4 - death) * l3_bar - k3_bar * (hunt * t4)
        t4_bar = t15 * growth - t16 * hunt + k3_bar * birth
        l2_bar = t10 + t5_bar * t8  # k3, l3 = rate(prey + h / 2 * k2, predators + h ...
        k2_bar = t12 + t4_bar * t8
        t17 = l2_bar * t3  # return birth * u - hunt * u * v, growth * u * v - death * v
        t18 = k2_bar * t3
        t3_bar = (growth * t2 - death) * l2_bar - k2_bar * (hunt * t2)
        t2_bar = t17 * growth - t18 * hunt + k2_bar * birth
        l1_bar = t9 + t3_bar * t8  # k2, l2 = rate(prey + h / 2 * k1, predators + h ...
        k1_bar = t11 + t2_bar * t8
        t19 = l1_bar * predators  # return birth * u - hunt * u * v, growth * u * v ...
        predators_bar_2 = predators_bar + t7_bar + t5_bar + t3_bar - l1_bar * death
        t20 = k1_bar * predators
        predators_bar_2 += l1_bar * (growth * prey_2)
        prey_bar_2 = prey_bar + t6_bar + t4_bar + t2_bar + t19 * growth
        birth_bar_2 = t11 * t6 + k3_bar * t4 + k2_bar * t2 + k1_bar * prey_2
        predators_bar = predators_bar_2 - k1_bar * (hunt * prey_2)
        prey_bar = prey_bar_2 - t20 * hunt + k1_bar * birth
        death_bar -= t13 + t15 + t17 + t19
        growth_bar += t13 * t6 + t15 * t4 + t17 * t2 + t19 * prey_2
        hunt_bar -= t14 * t6 + t16 * t4 + t18 * t2 + t20 * prey_2
        birth_bar += birth_bar_2
    return prey, (prey_bar, predators_bar, birth_bar, hunt_bar, death_bar, growth_bar)

"""The function call and its derivative, written by adjoint 0.1.0.

Formula:

    call(S, K, r, sigma, T) = d1 = (log(S/K) + (r + sigma**2/2)*T)/(sigma*sqrt(T))
    d2 = d1 - sigma*sqrt(T)
    N1 = (1 + erf(d1/sqrt(2)))/2
    N2 = (1 + erf(d2/sqrt(2)))/2
    S*N1 - K*exp(-r*T)*N2

call(S, K, r, sigma, T) returns the value.
call_value_and_grad(S, K, r, sigma, T) returns (value, (dcall/dS, dcall/dK, dcall/dr,
    dcall/dsigma, dcall/dT)).

Operations: 26 for call, 65 for call_value_and_grad, ratio 2.50.
"""

from math import erf, exp, log, pi, sqrt

SQRT_TWO = sqrt(2)
C1 = -0.5 * (2.0 / sqrt(pi))
TWO_OVER_SQRT_PI = 2.0 / sqrt(pi)


def call(S, K, r, sigma, T):
    t1 = log(S / K) + (r + sigma * sigma / 2.0) * T
    t2 = sigma * sqrt(T)
    d1 = t1 / t2
    d2 = d1 - t2
    N1 = (1.0 + erf(d1 / SQRT_TWO)) / 2.0
    N2 = (1.0 + erf(d2 / SQRT_TWO)) / 2.0
    return S * N1 - K * exp(-r * T) * N2


def call_value_and_grad(S, K, r, sigma, T):
    # forward sweep
    t1 = S / K
    t2 = log(t1)
    t3 = r + sigma * sigma / 2.0
    t4 = sqrt(T)
    t5 = sigma * t4
    d1 = (t2 + t3 * T) / t5
    d2 = d1 - t5
    t6 = d1 / SQRT_TWO
    N1 = (1.0 + erf(t6)) / 2.0
    t7 = d2 / SQRT_TWO
    N2 = (1.0 + erf(t7)) / 2.0
    t8 = -r
    t9 = exp(t8 * T)
    t10 = K * t9
    y = S * N1 - t10 * N2
    # reverse sweep
    t11 = N2 * K * t9
    t7_bar = C1 * t10 * exp(-(t7 * t7))
    t12 = TWO_OVER_SQRT_PI * (S / 2.0) * exp(-(t6 * t6)) + t7_bar
    t13 = t12 / SQRT_TWO / t5
    t14 = t7_bar / SQRT_TWO + t13 * d1
    t15 = t13 / t1 / K
    S_bar = N1 + t15
    K_bar = -(N2 * t9 + t15 * t1)
    r_bar = (t11 + t13) * T
    sigma_bar = t13 * T * sigma - t14 * t4
    T_bar = t13 * t3 - (t11 * t8 + 0.5 * (t14 * sigma / t4))
    return y, (S_bar, K_bar, r_bar, sigma_bar, T_bar)

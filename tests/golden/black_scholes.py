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

Operations: 26 for call, 63 for call_value_and_grad, ratio 2.42.
"""

from math import erf, exp, log, pi, sqrt

SQRT_TWO = sqrt(2)
MINUS_ONE_OVER_SQRT_PI = -1.0 / sqrt(pi)
ONE_OVER_SQRT_PI = 1.0 / sqrt(pi)


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
    t1 = log(S / K)
    t2 = r + sigma * sigma / 2.0
    t3 = sqrt(T)
    t4 = sigma * t3
    d1 = (t1 + t2 * T) / t4
    d2 = d1 - t4
    t5 = d1 / SQRT_TWO
    N1 = (1.0 + erf(t5)) / 2.0
    t6 = d2 / SQRT_TWO
    N2 = (1.0 + erf(t6)) / 2.0
    t7 = -r
    t8 = exp(t7 * T)
    t9 = K * t8
    y = S * N1 - t9 * N2
    # reverse sweep
    t10 = N2 * K * t8
    t6_bar = MINUS_ONE_OVER_SQRT_PI * t9 * exp(-(t6 * t6))
    d1_bar = (ONE_OVER_SQRT_PI * S * exp(-(t5 * t5)) + t6_bar) / SQRT_TWO
    t11 = d1_bar / t4
    t12 = t6_bar / SQRT_TWO + t11 * d1
    S_bar = N1 + t11 / S
    K_bar = -(N2 * t8 + t11 / K)
    r_bar = (t10 + t11) * T
    sigma_bar = t11 * T * sigma - t12 * t3
    T_bar = t11 * t2 - (t10 * t7 + 0.5 * t12 * sigma / t3)
    return y, (S_bar, K_bar, r_bar, sigma_bar, T_bar)

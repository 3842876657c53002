"""Functions of SciPy that modules import, to as many digits as wanted, by mpmath."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

#: By its name in `scipy.special`: of a context of mpmath and the arguments.
_SPECIAL: Mapping[str, Callable[..., Any]] = {
    "j0": lambda mp, x: mp.besselj(0, x),
    "j1": lambda mp, x: mp.besselj(1, x),
    "jn": lambda mp, n, x: mp.besselj(n, x),
    "jv": lambda mp, n, x: mp.besselj(n, x),
    "y0": lambda mp, x: mp.bessely(0, x),
    "y1": lambda mp, x: mp.bessely(1, x),
    "yn": lambda mp, n, x: mp.bessely(n, x),
    "yv": lambda mp, n, x: mp.bessely(n, x),
    "i0": lambda mp, x: mp.besseli(0, x),
    "i1": lambda mp, x: mp.besseli(1, x),
    "iv": lambda mp, n, x: mp.besseli(n, x),
    "i0e": lambda mp, x: mp.besseli(0, x) * mp.exp(-abs(x)),
    "i1e": lambda mp, x: mp.besseli(1, x) * mp.exp(-abs(x)),
    "k0": lambda mp, x: mp.besselk(0, x),
    "k1": lambda mp, x: mp.besselk(1, x),
    "kn": lambda mp, n, x: mp.besselk(n, x),
    "kv": lambda mp, n, x: mp.besselk(n, x),
    "k0e": lambda mp, x: mp.besselk(0, x) * mp.exp(x),
    "k1e": lambda mp, x: mp.besselk(1, x) * mp.exp(x),
    "struve": lambda mp, n, x: mp.struveh(n, x),
    "modstruve": lambda mp, n, x: mp.struvel(n, x),
    "erf": lambda mp, x: mp.erf(x),
    "erfc": lambda mp, x: mp.erfc(x),
    "erfcx": lambda mp, x: mp.exp(x * x) * mp.erfc(x),
    "erfi": lambda mp, x: mp.erfi(x),
    "erfinv": lambda mp, x: mp.erfinv(x),
    "dawsn": lambda mp, x: mp.sqrt(mp.pi) / 2 * mp.exp(-x * x) * mp.erfi(x),
    "ndtr": lambda mp, x: mp.ncdf(x),
    "log_ndtr": lambda mp, x: mp.log(mp.ncdf(x)),
    "gamma": lambda mp, x: mp.gamma(x),
    "rgamma": lambda mp, x: mp.rgamma(x),
    "gammaln": lambda mp, x: mp.log(abs(mp.gamma(x))),
    "loggamma": lambda mp, x: mp.loggamma(x),
    "psi": lambda mp, x: mp.psi(0, x),
    "digamma": lambda mp, x: mp.psi(0, x),
    "polygamma": lambda mp, n, x: mp.psi(n, x),
    "beta": lambda mp, a, b: mp.beta(a, b),
    "betaln": lambda mp, a, b: mp.log(abs(mp.beta(a, b))),
    "gammainc": lambda mp, a, x: mp.gammainc(a, 0, x, regularized=True),
    "gammaincc": lambda mp, a, x: mp.gammainc(a, x, mp.inf, regularized=True),
    "betainc": lambda mp, a, b, x: mp.betainc(a, b, 0, x, regularized=True),
    "zeta": lambda mp, x, q=1: mp.zeta(x, q),
    "ellipk": lambda mp, m: mp.ellipk(m),
    "ellipe": lambda mp, m: mp.ellipe(m),
    "ellipkinc": lambda mp, phi, m: mp.ellipf(phi, m),
    "ellipeinc": lambda mp, phi, m: mp.ellipe(phi, m),
    "expi": lambda mp, x: mp.ei(x),
    "exp1": lambda mp, x: mp.e1(x),
    "expn": lambda mp, n, x: mp.expint(n, x),
    "hyp0f1": lambda mp, b, x: mp.hyp0f1(b, x),
    "hyp1f1": lambda mp, a, b, x: mp.hyp1f1(a, b, x),
    "hyp2f1": lambda mp, a, b, c, x: mp.hyp2f1(a, b, c, x),
    "hyperu": lambda mp, a, b, x: mp.hyperu(a, b, x),
    "spence": lambda mp, x: mp.polylog(2, 1 - x),
    "expit": lambda mp, x: 1 / (1 + mp.exp(-x)),
    "logit": lambda mp, x: mp.log(x / (1 - x)),
    "log_expit": lambda mp, x: -mp.log(1 + mp.exp(-x)),
    "exprel": lambda mp, x: mp.expm1(x) / x if x else mp.one,
    "xlogy": lambda mp, x, y: x * mp.log(y) if x else mp.zero,
    "entr": lambda mp, x: -x * mp.log(x) if x else mp.zero,
}

#: The same by the full name, as modules import it.
KNOWN: Mapping[str, Callable[..., Any]] = {
    f"scipy.special.{name}": function for name, function in _SPECIAL.items()
}

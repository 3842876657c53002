// What JavaScript's `Math` lacks: functions that are copied as they stand into generated
// code. Each ends with a line that is a closing brace, and names those that it calls.
// Where Python would raise an exception, these give NaN or an infinity.

// a ** b, but 1 ** NaN and (-1) ** Infinity are 1, as in Python and in C.
function power(a, b) {
  return a === 1 || (a === -1 && Math.abs(b) === Infinity) ? 1 : a ** b;
}

// a - b * floor(a / b): it has the sign of b.
function mod(a, b) {
  const r = a % b;
  if (r === 0) return b < 0 ? -0 : 0;
  return r < 0 !== b < 0 ? r + b : r;
}

// floor(a / b), by the exact remainder.
function floordiv(a, b) {
  const quotient = (a - mod(a, b)) / b;
  const below = Math.floor(quotient);
  return quotient - below > 0.5 ? below + 1 : below;
}

// a - b * n for the whole number n that is nearest to a / b, the even one of two.
function remainder(a, b) {
  const x = Math.abs(a), y = Math.abs(b);
  if (y === Infinity && x < Infinity) return a;
  const m = x % y, c = y - m;
  const r = m < c ? m : m > c ? -c : m - 2 * ((0.5 * (x - m)) % y);
  return a < 0 ? -r : r;
}

// The nearest whole number, the even one of two.
function round(a) {
  return Math.abs(a % 1) === 0.5 ? 2 * Math.round(a / 2) : Math.round(a);
}

// The nearest number of n decimals; of two, the one whose last decimal is even.
function round_to(a, n) {
  if (n < 0) return round(a / 10 ** -n) * 10 ** -n;
  if (n > 99 || !(Math.abs(a) < 1e21) || a % 1 === 0) return a;
  const [digits, decimals] = Math.abs(a).toFixed(100).split(".");
  if (!/^50*$/.test(decimals.slice(n))) return Number(a.toFixed(n));
  const kept = digits + decimals.slice(0, n);
  const even = Number(kept) + (Number(kept) % 2);
  return (Math.sign(a) * even) / 10 ** n;
}

function factorial(n) {
  let product = 1;
  for (let k = 2; k <= n && product < Infinity; k++) product *= k;
  return product;
}

function comb(n, k) {
  let product = k > n ? 0 : 1;
  const fewer = Math.min(k, n - k);
  for (let i = 1; i <= fewer && product < Infinity; i++)
    product = (product * (n - fewer + i)) / i;
  return product;
}

function gcd(a, b) {
  [a, b] = [Math.abs(a), Math.abs(b)];
  while (b > 0) [a, b] = [b, a % b];
  return a;
}

function copysign(a, b) {
  return b < 0 || Object.is(b, -0) ? -Math.abs(a) : Math.abs(a);
}

// Whether both are whole numbers; booleans count as 0 and 1.
function whole(a, b) {
  return Number.isInteger(Number(a)) && Number.isInteger(Number(b));
}

function bitand(a, b) {
  return whole(a, b) ? Number(BigInt(a) & BigInt(b)) : NaN;
}

function bitor(a, b) {
  return whole(a, b) ? Number(BigInt(a) | BigInt(b)) : NaN;
}

function bitxor(a, b) {
  return whole(a, b) ? Number(BigInt(a) ^ BigInt(b)) : NaN;
}

function minimum(...numbers) {
  return numbers.reduce((least, x) => (x < least ? x : least));
}

function maximum(...numbers) {
  return numbers.reduce((most, x) => (x > most ? x : most));
}

// 1 / (1 + exp(-x)) without overflow.
function sigmoid(x) {
  const e = Math.exp(-Math.abs(x));
  return (x < 0 ? e : 1) / (1 + e);
}

// log(1 + exp(x)) without overflow.
function softplus(x) {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

// log(exp(a) + exp(b)) without overflow.
function logaddexp(a, b) {
  if (a === b) return a + Math.LN2;
  return Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b)));
}

// Below 2, the series of positive terms (Abramowitz & Stegun 7.1.6); above, 1 - erfc.
function erf(x) {
  if (x !== x) return NaN;
  if (Math.abs(x) > 2) return x > 0 ? 1 - erfc(x) : erfc(-x) - 1;
  let term = x, sum = x;
  for (let n = 1; sum + term !== sum; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

// Above 2, the continued fraction (Abramowitz & Stegun 7.1.14), from its far end.
function erfc(x) {
  if (!(x > 2)) return 1 - erf(x);
  if (x > 28) return 0;
  let tail = x;
  for (let n = 120; n > 0; n--) tail = x + n / 2 / tail;
  return Math.exp(-x * x) / tail / Math.sqrt(Math.PI);
}

// The sum in Lanczos's approximation of gamma(x), for g = 6.024680040776729583740234375.
function lanczos(x) {
  const terms = [
    [2.5066282746310002, 1], [210.82427775157935, 66], [8071.6720023658163, 1925],
    [186056.26539522350, 32670], [2876370.6289353724, 357423],
    [31426415.585400194, 2637558], [248874557.86205416, 13339535],
    [1439720407.3117217, 45995730], [6039542586.3520280, 105258076],
    [17921034426.037210, 150917976], [35711959237.355668, 120543840],
    [42919803642.649099, 39916800], [23531376880.410760, 0],
  ];
  if (x >= 5) terms.reverse(); // in powers of 1 / x, which do not overflow
  const z = x < 5 ? x : 1 / x;
  let above = 0, below = 0;
  for (const [a, b] of terms) {
    above = above * z + a;
    below = below * z + b;
  }
  return above / below;
}

// sin(pi x), by the exact remainder.
function sinpi(x) {
  const r = remainder(x, 2);
  const s = Math.abs(r) > 0.5 ? Math.sign(r) * (1 - Math.abs(r)) : r;
  return Math.sin(Math.PI * s);
}

function gamma(x) {
  if (x <= 0 && x % 1 === 0) return NaN;
  if (x < 0.5) return Math.PI / (sinpi(x) * gamma(1 - x));
  if (x > 171.7) return x === x ? Infinity : NaN;
  const y = x + 5.524680040776729583740234375; // x + g - 1/2
  // the error of rounding y, which a large power would magnify
  const slip = x > 5.524680040776729583740234375
    ? y - x - 5.524680040776729583740234375
    : y - 5.524680040776729583740234375 - x;
  const half = y ** ((x - 0.5) / 2); // the whole power may overflow
  const product = (lanczos(x) / Math.exp(y)) * half * half;
  return product - (product * slip * 6.024680040776729583740234375) / y;
}

// log |gamma(x)|.
function lgamma(x) {
  if (x <= 0 && x % 1 === 0) return Infinity;
  if (x === 1 || x === 2) return 0;
  if (Math.abs(x) === Infinity) return Infinity;
  if (x < 0.5) {
    return Math.log(Math.PI / Math.abs(sinpi(x))) - lgamma(1 - x);
  }
  if (x < 100) return Math.log(gamma(x));
  const g = 6.024680040776729583740234375;
  return Math.log(lanczos(x)) - g + (x - 0.5) * (Math.log(x + g - 0.5) - 1);
}

// The cotangent of pi x.
function cotpi(x) {
  const r = remainder(x, 1);
  if (r === 0) return NaN;
  if (Math.abs(r) <= 0.25) return 1 / Math.tan(Math.PI * r);
  return Math.sign(r) * Math.tan(Math.PI * (0.5 - Math.abs(r)));
}

// The logarithmic derivative of gamma. On [1, 2], with the root r, it is
// (x - r) (1 + p / q) with polynomials p and q in x - 1; from 10 on, A. & S. 6.3.18.
function digamma(x) {
  if (x <= 0) return digamma(1 - x) - Math.PI * cotpi(x);
  if (x >= 10) {
    const z = 1 / x / x;
    let s = 0;
    for (const b of [1/12, -691/32760, 1/132, -1/240, 1/252, -1/120, 1/12]) {
      s = (s + b) * z;
    }
    return Math.log(x) - 0.5 / x - s;
  }
  let y = x < 1 ? -1 / x : 0;
  let t = x < 1 ? x : x - 1;
  for (; t >= 1; t--) y += 1 / t;
  let p = -5.255928232683594e-07, q = 0;
  for (const [a, b] of [
    [-0.0020604314112846922, 0.0021092941228867614],
    [-0.04515907237103245, 0.053737122083413066],
    [-0.28999532224702357, 0.4338530757240686],
    [-0.6560046445367023, 1.4569679082420655],
    [-0.3352190181927289, 2.074742619717552],
    [0.2503801375034054, 1.0],
  ]) {
    p = p * t + a;
    q = q * t + b;
  }
  const s = t - 0.46163214496836236 + 1.5522348162858677e-17;
  return y + s + (s * p) / q;
}

// The n-th derivative of digamma. Below 0, that of the cotangent is a polynomial in it;
// above, n! zeta(n + 1, x) by Euler and Maclaurin (Abramowitz & Stegun 6.4).
function polygamma(n, x) {
  if (n === 0) return digamma(x);
  let y = 0;
  if (x <= 0) {
    const c = cotpi(x);
    let p = [0, 1];
    for (let i = 0; i < n; i++) {
      const q = [...p, 0, 0];
      p = q.slice(1).map((_, k) => (k + 1) * q[k + 1] + (k - 1) * (q[k - 1] ?? 0));
    }
    y = p.reduceRight((sum, a) => sum * c + a, 0);
    y = Math.PI ** (n + 1) * y - polygamma(n, 1 - x);
  } else {
    const m = x < 10 + 2 * n ? Math.ceil(10 + 2 * n - x) : 0;
    const z = 1 / (x + m);
    let s = 0;
    for (const [k, b] of [
      [14, 1/74724249600], [12, -691/1307674368000], [10, 1/47900160],
      [8, -1/1209600], [6, 1/30240], [4, -1/720], [2, 1/12],
    ]) {
      s = (s + b) * (n + k - 2) * (n + k - 1) * z * z;
    }
    y = ((x + m) ** -n * (1 + (n * z) / 2 + s)) / n;
    for (let k = m - 1; k >= 0; k--) y += (x + k) ** (-n - 1);
    for (let k = 2; k <= n; k++) y *= k;
  }
  return n % 2 ? y : -y;
}

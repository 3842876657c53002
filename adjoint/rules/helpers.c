// What C's library lacks: functions that are copied as they stand into generated code.
// Each begins and ends at the margin, and names those that it calls. Where Python would
// raise an exception, these give NaN or an infinity.

// a - b * floor(a / b), as Python's %: it has the sign of b.
static double modulo(double a, double b)
{
    double rest = fmod(a, b);
    if (rest == 0.0)
        return copysign(0.0, b);
    return (rest < 0.0) != (b < 0.0) ? rest + b : rest;
}

// floor(a / b) by the exact remainder, as Python's //.
static double floor_divide(double a, double b)
{
    double quotient = (a - modulo(a, b)) / b;
    if (quotient == 0.0)
        return copysign(0.0, a / b);
    double below = floor(quotient);
    return quotient - below > 0.5 ? below + 1.0 : below;
}

// As Python's % of whole numbers; 0 where b is 0.
static int64_t modulo_of_ints(int64_t a, int64_t b)
{
    int64_t rest = b == 0 || b == -1 ? 0 : a % b;
    return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}

// As Python's // of whole numbers; 0 where b is 0.
static int64_t floor_divide_ints(int64_t a, int64_t b)
{
    return b == 0 ? 0 : b == -1 ? -a : (a - modulo_of_ints(a, b)) / b;
}

// The smaller of the two; the first where neither is smaller, as Python's min.
static double least(double a, double b)
{
    return b < a ? b : a;
}

// The larger of the two; the first where neither is larger, as Python's max.
static double greatest(double a, double b)
{
    return b > a ? b : a;
}

static int64_t least_of_ints(int64_t a, int64_t b)
{
    return b < a ? b : a;
}

static int64_t greatest_of_ints(int64_t a, int64_t b)
{
    return b > a ? b : a;
}

// How many numbers there are in range(start, stop, step).
static int64_t range_length(int64_t start, int64_t stop, int64_t step)
{
    if (step > 0 && start < stop)
        return (stop - start - 1) / step + 1;
    return step < 0 && stop < start ? (start - stop - 1) / -step + 1 : 0;
}

static double degrees(double x)
{
    return x * (180.0 / 3.141592653589793);
}

static double radians(double x)
{
    return x * (3.141592653589793 / 180.0);
}

// 1.0, -1.0 or 0.0 by the sign of x; NaN stays NaN.
static double sign(double x)
{
    return x > 0.0 ? 1.0 : x < 0.0 ? -1.0 : x == x ? 0.0 : x;
}

// max(x, 0); NaN stays NaN.
static double relu(double x)
{
    return x <= 0.0 ? 0.0 : x;
}

// 1 / (1 + exp(-x)) without overflow.
static double sigmoid(double x)
{
    double e = exp(-fabs(x));
    return (x < 0.0 ? e : 1.0) / (1.0 + e);
}

// log(1 + exp(x)) without overflow.
static double softplus(double x)
{
    return greatest(x, 0.0) + log1p(exp(-fabs(x)));
}

// log(exp(a) + exp(b)) without overflow.
static double logaddexp(double a, double b)
{
    if (a == b)
        return a + log(2.0);
    return greatest(a, b) + log1p(exp(-fabs(a - b)));
}

// The nearest number of n decimals; of two, the one whose last decimal is even.
static double round_to(double x, double n)
{
    if (n < 0.0)
        return rint(x / pow(10.0, -n)) * pow(10.0, -n);
    if (!(fabs(x) < 1e16) || n > 300.0)
        return x;
    char digits[400];
    snprintf(digits, sizeof digits, "%.*f", (int)n, x);
    return strtod(digits, NULL);
}

static double factorial(double n)
{
    double product = n < 0.0 || n != floor(n) ? NAN : 1.0;
    for (double k = 2.0; k <= n && product < INFINITY; k++)
        product *= k;
    return product;
}

static double comb(double n, double k)
{
    double fewer = least(k, n - k), product = k > n ? 0.0 : 1.0;
    for (double i = 1.0; i <= fewer && product < INFINITY; i++)
        product = product * (n - fewer + i) / i;
    return product;
}

static double gcd(double a, double b)
{
    while (b != 0.0) {
        double rest = fmod(a, b);
        a = b;
        b = rest;
    }
    return fabs(a);
}

static double isqrt(double n)
{
    return floor(sqrt(n));
}

// The cotangent of pi x.
static double cotpi(double x)
{
    double r = remainder(x, 1.0), pi = 3.141592653589793;
    if (r == 0.0)
        return NAN;
    return fabs(r) <= 0.25 ? 1.0 / tan(pi * r) : copysign(tan(pi * (0.5 - fabs(r))), r);
}

// The logarithmic derivative of the gamma function.
static double digamma(double x)
{
    // On [1, 2], with the root r: (x - r) (1 + p / q), p and q polynomials in t = x - 1
    // that interpolate at Chebyshev points. From 10: Abramowitz & Stegun 6.3.18.
    static const double above[6] = {
        -0.0020604314112846922, -0.04515907237103245, -0.28999532224702357,
        -0.6560046445367023,    -0.3352190181927289,  0.2503801375034054,
    };
    static const double below[6] = {
        0.0021092941228867614, 0.053737122083413066, 0.4338530757240686,
        1.4569679082420655,    2.074742619717552,    1.0,
    };
    static const double series[7] = {
        1.0 / 12, -691.0 / 32760, 1.0 / 132, -1.0 / 240, 1.0 / 252, -1.0 / 120, 1.0 / 12,
    };
    if (x <= 0.0)
        return digamma(1.0 - x) - 3.141592653589793 * cotpi(x);
    double s = 0.0;
    if (x >= 10.0) {
        double z = 1.0 / x / x;
        for (int i = 0; i < 7; i++)
            s = (s + series[i]) * z;
        return log(x) - 0.5 / x - s;
    }
    double y = x < 1.0 ? -1.0 / x : 0.0, t = x < 1.0 ? x : x - 1.0;
    for (; t >= 1.0; t -= 1.0)
        y += 1.0 / t;
    double p = -5.255928232683594e-07, q = 0.0;
    for (int i = 0; i < 6; i++) {
        p = p * t + above[i];
        q = q * t + below[i];
    }
    s = t - 0.46163214496836236 + 1.5522348162858677e-17;
    return y + (s + s * p / q);
}

// The n-th derivative of digamma, for a whole number n from 0 to 100.
static double polygamma(double order, double x)
{
    // Below 0: cot's n-th derivative, (-1)**n p(cot): p <- (1 + c**2) p'(c) from p = c.
    // Above 0: n! zeta(n + 1, x) by Euler and Maclaurin. Abramowitz & Stegun 6.4.
    static const double terms[7] = {
        1.0 / 74724249600.0, -691.0 / 1307674368000.0, 1.0 / 47900160.0,
        -1.0 / 1209600.0,    1.0 / 30240.0,            -1.0 / 720.0,
        1.0 / 12.0,
    };
    int n = (int)order;
    double y = 0.0, even = n % 2 ? 1.0 : -1.0, pi = 3.141592653589793;
    if (n == 0)
        return digamma(x);
    if (n < 0 || n > 100)
        return NAN;
    if (x <= 0.0) {
        double c = cotpi(x), p[104] = {0.0, 1.0}, next[104] = {0.0};
        for (int step = 1; step <= n; step++) {
            for (int k = 0; k <= step + 1; k++)
                next[k] = (k + 1) * p[k + 1] + (k > 0 ? (k - 1) * p[k - 1] : 0.0);
            memcpy(p, next, sizeof p);
        }
        for (int k = n + 1; k >= 0; k--)
            y = y * c + p[k];
        return even * (pow(pi, n + 1) * y - polygamma(order, 1.0 - x));
    }
    double m = x < 10 + 2 * n ? ceil(10 + 2 * n - x) : 0.0;
    double z = 1.0 / (x + m), s = 0.0;
    for (int i = 0, k = 14; i < 7; i++, k -= 2)
        s = (s + terms[i]) * (n + k - 2) * (n + k - 1) * z * z;
    y = pow(x + m, -n) * (1.0 + n * z / 2.0 + s) / n;
    for (double k = m - 1.0; k >= 0.0; k--)
        y += pow(x + k, -n - 1);
    return even * factorial(n) * y;
}

// Room for more: twice as much. There is no way to go on without.
static void *grown(void *old, size_t *room, size_t size)
{
    *room = *room ? 2 * *room : 16;
    void *more = realloc(old, *room * size);
    if (more == NULL)
        abort();
    return more;
}

// A new stack on the tape: its number, from 1. Those that were released come first.
static size_t tape_new(Tape *tape)
{
    size_t stack = tape->released;
    if (stack != 0) {
        tape->released = tape->stacks[stack - 1].count;
        tape->stacks[stack - 1].count = 0;
        return stack;
    }
    if (tape->count == tape->room)
        tape->stacks = grown(tape->stacks, &tape->room, sizeof(Stack));
    tape->stacks[tape->count++] = (Stack){NULL, 0, 0};
    return tape->count;
}

static void tape_push(Tape *tape, size_t stack, double entry)
{
    Stack *on = &tape->stacks[stack - 1];
    if (on->count == on->room)
        on->entries = grown(on->entries, &on->room, sizeof(double));
    on->entries[on->count++] = entry;
}

static double tape_pop(Tape *tape, size_t stack)
{
    Stack *from = &tape->stacks[stack - 1];
    return from->entries[--from->count];
}

static size_t tape_height(const Tape *tape, size_t stack)
{
    return tape->stacks[stack - 1].count;
}

static double tape_entry(const Tape *tape, size_t stack, size_t at)
{
    return tape->stacks[stack - 1].entries[at];
}

// Give back the memory of a stack that is not read again.
static void tape_release(Tape *tape, size_t stack)
{
    if (stack == 0)
        return;
    Stack *one = &tape->stacks[stack - 1];
    free(one->entries);
    *one = (Stack){NULL, tape->released, 0};
    tape->released = stack;
}

// Give back all memory.
static void tape_free(Tape *tape)
{
    for (size_t at = 0; at < tape->count; at++)
        free(tape->stacks[at].entries);
    free(tape->stacks);
}

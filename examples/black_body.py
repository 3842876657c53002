"""The colour of hot bodies: a derivative at 400,000 points at once, with NumPy.

    python examples/black_body.py
    adjoint compile examples/black_body.py:radiance --target numpy

Planck's law on a grid of wavelengths and temperatures. The wavelength at which a body
shines most is where the derivative by the wavelength changes its sign; by Wien's law it
is 2897.77 micrometres over the temperature in kelvin. The sum of temperature times the
derivative by the temperature is, by the law of Stefan and Boltzmann, four times the sum
of the radiance.
"""

import math

import numpy as np

import adjoint

#: Of the second radiation constant h c / k, in micrometre kelvin.
SECOND = 14387.768775
#: The first for radiance, 2 h c^2, in W um^4 / (m^2 sr).
FIRST = 1.191042972e8


def radiance(wavelength, temperature):
    """Planck's law: W per square metre, steradian and micrometre of wavelength."""
    exponent = SECOND / (wavelength * temperature)
    if exponent > 600:
        return 0.0  # too cold to shine at all
    return FIRST / (wavelength**5 * math.expm1(exponent))


def main():
    """Print, for some bodies, where they shine most, and the power of T they follow."""
    derivative = adjoint.value_and_grad(radiance, target="numpy")
    # in steps of one part in 6,000 from 0.02 micrometres to 0.2 metres
    wavelength = np.geomspace(0.02, 200_000, 100_000)
    bodies = {"space": 2.725, "earth": 288.0, "lava": 1400.0, "sun": 5772.0}
    temperature = np.array([*bodies.values()])[:, np.newaxis]
    value, (by_wavelength, by_temperature) = derivative(wavelength, temperature)
    print(f"{value.size} points\n{'':>8}{'K':>9}{'um':>12}{'Wien':>12}{'power':>9}")
    for row, (name, kelvin) in enumerate(bodies.items()):
        rising = np.flatnonzero(by_wavelength[row] > 0)[-1]
        total = np.trapezoid if hasattr(np, "trapezoid") else np.trapz
        shone = total(value[row], wavelength)
        power = kelvin * total(by_temperature[row], wavelength) / shone
        peak = f"{wavelength[rising]:>12.4f}{2897.771955 / kelvin:>12.4f}"
        print(f"{name:>8}{kelvin:>9.3f}{peak}{power:>9.4f}")


if __name__ == "__main__":
    main()

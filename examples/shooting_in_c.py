"""A shooting problem solved in C: the gradient of a simulation, and a main by hand.

    python examples/shooting_in_c.py
    adjoint compile examples/shooting_in_c.py:miss --target c -o miss.c

A ball is thrown, and air slows it down in proportion to its speed. How must it be
thrown to be at a place ten metres away, and one up, after two seconds? The generated C
has the squared distance by which it misses, and its gradient; the main program, 20
lines, goes down it. The answer is known: the flight has a closed form.
"""

import math
import shutil
import subprocess
import tempfile
from pathlib import Path

import adjoint


def miss(across: float, up: float, drag: float, n: int):
    """By how much it misses, squared, for a velocity at the start."""
    step = 2.0 / n
    x, y = 0.0, 0.0
    for _ in range(n):  # the midpoint rule
        mid_across = across - 0.5 * step * drag * across
        mid_up = up - 0.5 * step * (drag * up + 9.81)
        x += step * mid_across
        y += step * mid_up
        across -= step * drag * mid_across
        up -= step * (drag * mid_up + 9.81)
    return (x - 10.0) ** 2 + (y - 1.0) ** 2


MAIN = """
#include <inttypes.h>
#include <stdio.h>

double miss_value_and_grad(double across, double up, double drag, int64_t n,
        double grad[2]);

int main(void)
{
    double across = 1.0, up = 1.0, grad[2], missed = 1.0;
    int turns = 0;
    for (; missed > 1e-20 && turns < 1000; turns++) {
        missed = miss_value_and_grad(across, up, 0.3, 20000, grad);
        across -= 0.2 * grad[0];
        up -= 0.2 * grad[1];
    }
    printf("in C         %.6f m/s across, %.6f m/s up\\n", across, up);
    return missed > 1e-20;
}
"""


def by_hand(drag=0.3, time=2.0):
    """The velocity, from the closed form of the flight."""
    reached = (1.0 - math.exp(-drag * time)) / drag  # for a velocity of 1
    fallen = 9.81 / drag * (time - reached)
    return 10.0 / reached, (1.0 + fallen) / reached


def main():
    """Print the velocity as the program in C finds it, and as it is known to be."""
    derivative = adjoint.value_and_grad(miss, wrt=["across", "up"], target="c")
    if shutil.which("cc") is None:
        print("there is no C compiler, cc, to compile it")
        return
    with tempfile.TemporaryDirectory() as folder:
        derivative.save(Path(folder, "miss.c"))
        Path(folder, "main.c").write_text(MAIN)
        command = ["cc", "-O2", "-o", "shoot", "main.c", "miss.c", "-lm"]
        subprocess.run(command, cwd=folder, check=True)
        found = subprocess.run(
            [Path(folder, "shoot")], check=True, capture_output=True, text=True
        )
    print(found.stdout, end="")
    print("closed form  {:.6f} m/s across, {:.6f} m/s up".format(*by_hand()))


if __name__ == "__main__":
    main()

"""`python -m cpsim` is the command `cpsim`."""

from cpsim.cli import main

if __name__ == "__main__":  # workers of this command import the module as well
    main(prog_name="cpsim")

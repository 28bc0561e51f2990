"""A sweep on a SLURM cluster: `python experiments/slurm_sweep.py FILE OUT`, on a node that may submit jobs.

Needs `pip install 'cpsim[cluster]'` on every node. Each job is one worker with one core. Jobs that end at their time
limit cost the runs that they are at, which others do again; the same command continues a sweep that has been stopped.
"""

import sys

from dask_jobqueue import SLURMCluster

from cpsim.study.engine import dask
from cpsim.study.sweep import sweep

JOBS = 100
OF_EACH_JOB = {"cores": 1, "processes": 1, "memory": "2GB", "walltime": "04:00:00"}


def main(file: str, out: str) -> None:
    with SLURMCluster(**OF_EACH_JOB) as cluster:
        cluster.scale(jobs=JOBS)
        done = sweep(file, out, dask(cluster.scheduler_address))
    print(f"{done.done} of {done.runs} runs are saved in {done.folder}; {done.failed} failed")


if __name__ == "__main__":
    main(*sys.argv[1:])

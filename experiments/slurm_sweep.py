"""Run a sweep on a SLURM cluster: `python experiments/slurm_sweep.py FILE OUT`, on a node that can submit jobs.

Every node needs `pip install 'cpsim[cluster]'`. Each job is one worker with one core. If a job reaches its time limit,
its unfinished runs are repeated by other jobs. The same command continues a sweep that was interrupted.
"""

import sys

from dask_jobqueue import SLURMCluster

from cpsim.parallel.engine import open_dask_engine
from cpsim.sweeps.sweep import sweep

JOBS = 100
JOB_RESOURCES = {"cores": 1, "processes": 1, "memory": "2GB", "walltime": "04:00:00"}


def main(file: str, out: str) -> None:
    with SLURMCluster(**JOB_RESOURCES) as cluster:
        cluster.scale(jobs=JOBS)
        progress = sweep(file, out, open_dask_engine(cluster.scheduler_address))
    print(f"{progress.done} of {progress.runs} runs are saved in {progress.folder}; {progress.failed} failed")


if __name__ == "__main__":
    main(*sys.argv[1:])

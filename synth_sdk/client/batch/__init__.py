"""Many jobs from one file: `synth batch run`. The whole file is checked first; then the jobs run in processes, within one budget.

reading -> jobs (matrix, references) -> order -> checking (a Spec and a plan for each) -> running (crew of workers) -> state, result
"""

from synth_sdk.client.batch.plan import BatchPlan
from synth_sdk.client.batch.result import BatchResult, JobReport, Moment
from synth_sdk.client.batch.run import plan_batch, run_batch

__all__ = ["BatchPlan", "BatchResult", "JobReport", "Moment", "plan_batch", "run_batch"]

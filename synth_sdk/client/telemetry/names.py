"""Names of OpenTelemetry's semantic conventions for generative AI, and our own beside them.

They are written out here because the package that holds them declares them unstable: a name may move out of it while a data set of
traces lives on. A test compares them with the installed package.
"""

OPERATION = "gen_ai.operation.name"
PROVIDER = "gen_ai.provider.name"
REQUEST_MODEL = "gen_ai.request.model"
REQUEST_MAX_TOKENS = "gen_ai.request.max_tokens"
RESPONSE_MODEL = "gen_ai.response.model"
RESPONSE_FINISH_REASONS = "gen_ai.response.finish_reasons"
INPUT_TOKENS = "gen_ai.usage.input_tokens"
OUTPUT_TOKENS = "gen_ai.usage.output_tokens"
CACHE_READ_TOKENS = "gen_ai.usage.cache_read.input_tokens"
TOKEN_TYPE = "gen_ai.token.type"  # noqa: S105 - tokens of text
ERROR_TYPE = "error.type"
HTTP_STATUS = "http.response.status_code"

TOKEN_USAGE = "gen_ai.client.token.usage"  # noqa: S105
DURATION = "gen_ai.client.operation.duration"

# The boundaries that the conventions advise.
TOKEN_BUCKETS = (1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864)
DURATION_BUCKETS = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92)

# Providers as the conventions name them; others are named as in `synth models`.
PROVIDERS = {
    "gemini": "gcp.gemini",
    "bedrock": "aws.bedrock",
    "mistral": "mistral_ai",
    "xai": "x_ai",
    "azure": "azure.ai.openai",
    "azure_ai": "azure.ai.inference",
    "vertex_ai": "gcp.vertex_ai",
    "watsonx": "ibm.watsonx.ai",
}
OPERATIONS = {"gemini": "generate_content"}  # by provider; elsewhere it is a chat
CHAT = "chat"
FINISH_REASONS = {"filter": "content_filter"}  # our word -> theirs, where they differ

RUN_SPAN = "synth.generate"
KIND, COUNT, SEED, MODE, FINGERPRINT = "synth.kind", "synth.count", "synth.seed", "synth.mode", "synth.fingerprint"
STATUS, DELIVERED, ORIGIN = "synth.status", "synth.records.delivered", "synth.origin"
ARM, TASK, ASKED, ATTEMPT, COST_USD = "synth.arm", "synth.task", "synth.records.asked", "synth.attempt", "synth.cost_usd"
SAVED_USD = "synth.saved_usd"
RECORDS, COST, CACHE_HITS = "synth.records", "synth.cost", "synth.cache.hits"

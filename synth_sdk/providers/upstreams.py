"""The providers that litellm names and translates for, as far as an address and a key are all that they need: data.

Which variable holds whose key has to be known before litellm is loaded, which takes seconds; and litellm's own look-up heeds variables
of the process that would send keys elsewhere. Addresses and variables as in litellm 1.106.2 (`get_llm_provider`), which a test holds
them to, request by request. An upstream that takes no limit on its output isn't among them: its calls could cost anything.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Upstream:
    """One provider behind litellm. `keys` are the variables of its key; the first that is set counts."""

    home: str
    keys: tuple[str, ...]

    @property
    def variables(self) -> str:
        """As a message names them."""
        first, *others = self.keys
        return f"{first} (or {' or '.join(others)})" if others else first


ANTHROPIC = "anthropic"  # the only one with a wire format of its own; all others speak OpenAI's

UPSTREAMS: Mapping[str, Upstream] = {
    ANTHROPIC: Upstream("https://api.anthropic.com/v1", ("ANTHROPIC_API_KEY",)),
    "baseten": Upstream("https://inference.baseten.co/v1", ("BASETEN_API_KEY",)),
    "cerebras": Upstream("https://api.cerebras.ai/v1", ("CEREBRAS_API_KEY",)),
    "dashscope": Upstream("https://dashscope.aliyuncs.com/compatible-mode/v1", ("DASHSCOPE_API_KEY",)),
    "deepinfra": Upstream("https://api.deepinfra.com/v1/openai", ("DEEPINFRA_API_KEY",)),
    "deepseek": Upstream("https://api.deepseek.com/beta", ("DEEPSEEK_API_KEY",)),
    "featherless_ai": Upstream("https://api.featherless.ai/v1", ("FEATHERLESS_AI_API_KEY", "FEATHERLESS_API_KEY")),
    "fireworks_ai": Upstream("https://api.fireworks.ai/inference/v1", ("FIREWORKS_API_KEY", "FIREWORKS_AI_API_KEY")),
    "friendliai": Upstream("https://api.friendli.ai/serverless/v1", ("FRIENDLIAI_API_KEY",)),
    "groq": Upstream("https://api.groq.com/openai/v1", ("GROQ_API_KEY",)),
    "hyperbolic": Upstream("https://api.hyperbolic.xyz/v1", ("HYPERBOLIC_API_KEY",)),
    "inception": Upstream("https://api.inceptionlabs.ai/v1", ("INCEPTION_API_KEY",)),
    "lambda_ai": Upstream("https://api.lambda.ai/v1", ("LAMBDA_API_KEY",)),
    "meta_llama": Upstream("https://api.llama.com/compat/v1", ("LLAMA_API_KEY",)),
    "minimax": Upstream("https://api.minimax.io/v1", ("MINIMAX_API_KEY",)),
    "mistral": Upstream("https://api.mistral.ai/v1", ("MISTRAL_API_KEY",)),
    "moonshot": Upstream("https://api.moonshot.ai/v1", ("MOONSHOT_API_KEY",)),
    "nebius": Upstream("https://api.studio.nebius.ai/v1", ("NEBIUS_API_KEY",)),
    "novita": Upstream("https://api.novita.ai/v3/openai", ("NOVITA_API_KEY",)),
    "nscale": Upstream("https://inference.api.nscale.com/v1", ("NSCALE_API_KEY",)),
    "nvidia_nim": Upstream("https://integrate.api.nvidia.com/v1", ("NVIDIA_NIM_API_KEY",)),
    "openai": Upstream("https://api.openai.com/v1", ("OPENAI_API_KEY",)),
    "perplexity": Upstream("https://api.perplexity.ai", ("PERPLEXITYAI_API_KEY", "PERPLEXITY_API_KEY")),
    "sambanova": Upstream("https://api.sambanova.ai/v1", ("SAMBANOVA_API_KEY",)),
    "tencent": Upstream("https://tokenhub-intl.tencentcloudmaas.com/v1", ("TENCENT_API_KEY",)),
    "together_ai": Upstream("https://api.together.ai/v1", ("TOGETHER_API_KEY", "TOGETHER_AI_API_KEY", "TOGETHERAI_API_KEY")),
    "vercel_ai_gateway": Upstream("https://ai-gateway.vercel.sh/v1", ("VERCEL_AI_GATEWAY_API_KEY",)),
    "volcengine": Upstream("https://ark.cn-beijing.volces.com/api/v3", ("VOLCENGINE_API_KEY",)),
    "wandb": Upstream("https://api.inference.wandb.ai/v1", ("WANDB_API_KEY",)),
    "xai": Upstream("https://api.x.ai/v1", ("XAI_API_KEY",)),
    "zai": Upstream("https://api.z.ai/api/paas/v4", ("ZAI_API_KEY",)),
}

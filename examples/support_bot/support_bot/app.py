"""The bot. `support` is the way in; it answers a question, works on an order, or chats."""

from openai import OpenAI
from openai.types.chat import ChatCompletionMessageFunctionToolCallParam, ChatCompletionMessageParam

from support_bot import prompts, retriever, tools

MODEL = "gpt-4o-mini"
MAX_ROUNDS = 4


def support(request_kind: str, question: str, customer_id: str | None = None) -> str:
    """Answer one request of the shop's support page."""
    if request_kind == "policy":
        return answer(question=question)
    if request_kind == "order" and customer_id is not None:
        return agent(question=question, customer_id=customer_id)
    return chat(message=question)


def answer(question: str) -> str:
    """Answer from the shop's policies: search, then one model call."""
    documents = retriever.search(query=question)
    completion = _client().chat.completions.create(
        model=MODEL,
        temperature=0,
        messages=[
            {"role": "system", "content": prompts.ANSWER_SYSTEM},
            {"role": "user", "content": prompts.with_documents(question, documents)},
        ],
    )
    return completion.choices[0].message.content or ""


def agent(question: str, customer_id: str) -> str:
    """Let the model call tools until it has an answer."""
    client = _client()
    messages: list[ChatCompletionMessageParam] = [
        {"role": "system", "content": prompts.AGENT_SYSTEM},
        {"role": "user", "content": f"Customer {customer_id} asks: {question}"},
    ]
    for _ in range(MAX_ROUNDS):
        completion = client.chat.completions.create(
            model=MODEL, temperature=0, messages=messages, tools=tools.DEFINITIONS
        )
        message = completion.choices[0].message
        if not message.tool_calls:
            return message.content or ""
        calls = [call for call in message.tool_calls if call.type == "function"]
        asked: list[ChatCompletionMessageFunctionToolCallParam] = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.function.name, "arguments": call.function.arguments},
            }
            for call in calls
        ]
        messages.append({"role": "assistant", "content": message.content, "tool_calls": asked})
        for call in calls:
            result = tools.run(call.function.name, call.function.arguments)
            messages.append({"role": "tool", "tool_call_id": call.id, "content": result})
    raise RuntimeError(f"no answer after {MAX_ROUNDS} rounds")


def chat(message: str) -> str:
    """Talk to the customer; the answer is streamed and joined."""
    stream = _client().chat.completions.create(
        model=MODEL,
        temperature=0,
        messages=[{"role": "system", "content": prompts.CHAT_SYSTEM}, {"role": "user", "content": message}],
        stream=True,
        stream_options={"include_usage": True},
    )
    return "".join(chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices)


def _client() -> OpenAI:
    return OpenAI(max_retries=0)

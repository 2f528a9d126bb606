"""The last thing the load does, a subscription of a demo enterprise; its presence means that everything is there."""

import httpx

from deploy.demo.client import MATCHING, Client, DemoFailed, Json
from deploy.demo.dataset import EDITION

PASSWORD = "demo-only-password"
SUBSCRIBER = "enterprise@demo.example"
NEUROINTERVENTION = ["aneurysm", "ais_thrombectomy", "icas", "avm_davf", "csdh", "access", "imaging_ai", "robots"]
SUBSCRIPTION = {
    "name": {"zh": f"神经介入全部方向（演示 {EDITION}）", "en": f"All of neurointervention (demo {EDITION})"},
    "specialties": NEUROINTERVENTION,
}


async def seal_is_there(http: httpx.AsyncClient) -> bool:
    """Whether a load of this edition came to its end: one sign-in and one short list."""
    try:
        subscriber = await Client.sign_in(http, SUBSCRIBER, PASSWORD)
        return await find_seal(subscriber) is not None
    except DemoFailed:
        return False


async def find_seal(subscriber: Client) -> Json:
    """The subscription of this edition, or None."""
    async for subscription in subscriber.pages(f"{MATCHING}/subscriptions"):
        if subscription["name"] == SUBSCRIPTION["name"]:
            return subscription
    return None


async def set_seal(subscriber: Client) -> None:
    """Make the subscription."""
    await subscriber.post(f"{MATCHING}/subscriptions", SUBSCRIPTION, reference=f"seal/{EDITION}")


async def ensure_subscription(subscriber: Client) -> Json:
    """The subscription, made if it is not there."""
    if await find_seal(subscriber) is None:
        await set_seal(subscriber)
    return await find_seal(subscriber)

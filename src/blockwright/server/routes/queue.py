"""Routes of the queue of trainings."""

from __future__ import annotations

from fastapi import APIRouter

from blockwright.contracts.queue import QueueOrder, QueueOutlook, QueueView
from blockwright.server.services import OwnerId, ServicesOf

router = APIRouter(tags=["queue"])


@router.get("/queue")
def get_queue(services: ServicesOf, owner_id: OwnerId) -> QueueView:
    """Give the running and waiting trainings of all projects, in their order."""
    return services.queue.view(owner_id)


@router.put("/queue")
def order_queue(wanted: QueueOrder, services: ServicesOf, owner_id: OwnerId) -> QueueView:
    """Put the waiting trainings in another order; those not named follow in theirs."""
    return services.queue.put_in_order(owner_id, wanted)


@router.get("/projects/{project_id}/queue-outlook")
def get_queue_outlook(project_id: str, services: ServicesOf) -> QueueOutlook:
    """Tell what a training of this project would wait for if it were queued now."""
    return services.queue.outlook(project_id)

"""Project matching on one screen: its routes, what it reacts to, what it tells the others."""

from common.events.member_registry import MemberAdmitted, MemberProfileChanged, MembershipChanged
from common.events.project_matching import NeedChanged, NeedPublished
from common.reactions import on_many
from common.service import Service
from project_matching.api import need_steps, needs
from project_matching.reactions.copies import copy_profiles, copy_standings

service = Service(
    name="project_matching",
    title="Project matching · 需求与匹配",
    routers=[needs.router, need_steps.router],
    reactions=[
        on_many(MemberAdmitted, copy_profiles),
        on_many(MemberProfileChanged, copy_profiles),
        on_many(MembershipChanged, copy_standings),
    ],
    publishes=[NeedChanged, NeedPublished],
)

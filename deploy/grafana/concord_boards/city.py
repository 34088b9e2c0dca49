"""The dashboard "city": new concerns, the work on cases, promises, and backlogs.

All figures are measures of the service metrics, with definitions in docs/measures.md. Several processes of metrics show
the same figures (`max`). Counts rise when Concord records an event: an imported history shows as one step on the day of
the import. The ops page has the times of the events themselves.
"""

from concord_boards.board import Board, Kind, PanelSpec, Row


def _within(metric: str, by: str = "") -> str:
    """Return the query for the increase of a count in the dashboard's time range."""
    return f"max{f' by ({by})' if by else ''} (increase({metric}[$__range]))"


def _quantile(share: float, metric: str, window: str, by: str = "") -> str:
    labels = f"le, {by}" if by else "le"
    return f"histogram_quantile({share}, max by ({labels}) (increase({metric}_bucket[{window}])))"


NOW = Row(
    "Now, and in the time shown",
    (
        PanelSpec(
            Kind.NUMBER,
            "Came in",
            "Concerns taken in, in the time shown.",
            {"concerns": _within("concord_concerns_received_total")},
            width=4,
            height=5,
        ),
        PanelSpec(
            Kind.NUMBER,
            "Open cases",
            "The city's to act on, now.",
            {"cases": "max(concord_cases_open)"},
            width=4,
            height=5,
        ),
        PanelSpec(
            Kind.NUMBER,
            "Wait for a team",
            "Concerns that no rule could route and for which a person has to choose a team.",
            {"concerns": "max(concord_concerns_in_triage)"},
            width=4,
            height=5,
        ),
        PanelSpec(
            Kind.NUMBER,
            "Promises at risk",
            "Promises that are nearly due and not kept yet.",
            {"promises": "max(concord_promises_at_risk)"},
            warn=1,
            width=4,
            height=5,
        ),
        PanelSpec(
            Kind.NUMBER,
            "Promises missed",
            "Promises whose time went by, in the time shown.",
            {"promises": "clamp_min(max(delta(concord_promises_missed[$__range])), 0)"},
            warn=1,
            width=4,
            height=5,
        ),
        PanelSpec(
            Kind.NUMBER,
            "Fell silent",
            "Concerns whose residents were told nothing for longer than the city allows, in the time shown.",
            {"concerns": _within("concord_concerns_fell_silent_total")},
            warn=1,
            width=4,
            height=5,
        ),
    ),
)

CAME_IN = Row(
    "What came in",
    (
        PanelSpec(
            Kind.LINES,
            "Concerns an hour",
            "Taken in, routed to a team, and resolved.",
            {
                "taken in": "max(increase(concord_concerns_received_total[1h]))",
                "routed": "max(increase(concord_concerns_routed_total[1h]))",
                "resolved": "max(increase(concord_concerns_resolved_total[1h]))",
            },
            width=24,
        ),
        PanelSpec(
            Kind.BARS,
            "By category",
            "Concerns taken in, in the time shown.",
            {"{{category}}": _within("concord_concerns_received_by_category_total", "category")},
        ),
        PanelSpec(
            Kind.BARS,
            "By area",
            "Concerns routed, in the time shown; before that their area is not known.",
            {"{{area}}": _within("concord_concerns_routed_by_area_total", "area")},
        ),
        PanelSpec(
            Kind.BARS,
            "By channel",
            "How residents reached the city, in the time shown.",
            {"{{channel}}": _within("concord_concerns_received_by_channel_total", "channel")},
        ),
    ),
)

PILES_UP = Row(
    "Where it piles up",
    (
        PanelSpec(
            Kind.LINES,
            "Open cases by team",
            "Cases that the team has now.",
            {"{{team}}": "max by (team) (concord_cases_open_by_team)"},
        ),
        PanelSpec(
            Kind.LINES,
            "Waits for a person",
            "Cases without a team, and missed promises and silences that nobody has seen to yet.",
            {
                "no team": "max(concord_routing_tasks_open)",
                "{{kind}}": "max by (kind) (concord_routing_escalations_open)",
            },
        ),
        PanelSpec(
            Kind.BARS,
            "Open cases by area",
            "Cases that are open now.",
            {"{{area}}": "max by (area) (concord_cases_open_by_area)"},
        ),
    ),
)

PROMISES = Row(
    "Promises",
    (
        PanelSpec(
            Kind.LINES,
            "Kept and missed",
            "Promises whose time was up within a day.",
            {"kept": "concord:promises_kept:delta1d", "missed": "concord:promises_missed:delta1d"},
        ),
        PanelSpec(
            Kind.LINES,
            "Share missed",
            "Of the promises whose time was up within a day.",
            {"missed": "concord:promises_missed:ratio1d"},
            unit="percentunit",
        ),
        PanelSpec(
            Kind.LINES,
            "Open and at risk",
            "Promises that are still to be kept, and those of them that are nearly due.",
            {"open": "max(concord_promises_open)", "at risk": "max(concord_promises_at_risk)"},
        ),
        PanelSpec(
            Kind.BARS,
            "Missed by team",
            "Promises that the team missed, since the beginning.",
            {"{{team}}": "max by (team) (concord_promises_missed_by_team)"},
            width=12,
        ),
        PanelSpec(
            Kind.BARS,
            "Missed by area",
            "Promises that were missed, since the beginning.",
            {"{{area}}": "max by (area) (concord_promises_missed_by_area)"},
            width=12,
        ),
    ),
)

VOICE = Row(
    "What residents say",
    (
        PanelSpec(
            Kind.NUMBER,
            "Felt heard",
            "Share of those who answered and rated how they were heard 4 or 5 of 5. Nothing below ten answers.",
            {"share": "max(concord_felt_heard_share)"},
            unit="percentunit",
            width=6,
            height=5,
        ),
        PanelSpec(
            Kind.NUMBER,
            "Fixed",
            "Share of those who answered and said that it was fixed. Nothing below ten answers.",
            {"share": "max(concord_fixed_share)"},
            unit="percentunit",
            width=6,
            height=5,
        ),
        PanelSpec(
            Kind.NUMBER,
            "Answered",
            "Share of those asked who answered. When it is low, the two before say little.",
            {"share": "max(concord_response_rate)"},
            unit="percentunit",
            width=6,
            height=5,
        ),
        PanelSpec(
            Kind.NUMBER,
            "Loop closed",
            "Share of concerns with an outcome whose reporters were told of it.",
            {"share": "max(concord_loop_closed_share)"},
            unit="percentunit",
            width=6,
            height=5,
        ),
    ),
)

TIMES = Row(
    "How long residents wait",
    (
        PanelSpec(
            Kind.LINES,
            "Until a person answers",
            "From taking a concern in to a person's acknowledgement, of those acknowledged within a day.",
            {
                "half": _quantile(0.5, "concord_time_to_human_acknowledgement_seconds", "1d"),
                "nine of ten": _quantile(0.9, "concord_time_to_human_acknowledgement_seconds", "1d"),
            },
            unit="s",
        ),
        PanelSpec(
            Kind.LINES,
            "Until the first word",
            "From taking a concern in to the first word of a person to the resident, of those within a day.",
            {
                "half": _quantile(0.5, "concord_time_to_first_word_seconds", "1d"),
                "nine of ten": _quantile(0.9, "concord_time_to_first_word_seconds", "1d"),
            },
            unit="s",
        ),
        PanelSpec(
            Kind.LINES,
            "Until it is dealt with",
            "From taking a concern in to the first time a team said it was dealt with, of those within a day.",
            {
                "half": _quantile(0.5, "concord_time_to_resolve_seconds", "1d"),
                "nine of ten": _quantile(0.9, "concord_time_to_resolve_seconds", "1d"),
            },
            unit="s",
        ),
        PanelSpec(
            Kind.BARS,
            "Until a person answers, by area",
            "Half of the concerns were acknowledged by a person within this time, in the time shown.",
            {"{{area}}": _quantile(0.5, "concord_time_to_human_acknowledgement_by_area_seconds", "$__range", "area")},
            unit="s",
            width=12,
        ),
        PanelSpec(
            Kind.LINES,
            "Until a team has it",
            "From taking a concern in to the first choice of a team: what the platform itself takes.",
            {
                "half": _quantile(0.5, "concord_time_to_route_seconds", "1h"),
                "nine of ten": _quantile(0.9, "concord_time_to_route_seconds", "1h"),
            },
            unit="s",
            width=12,
        ),
    ),
)

OUTCOME = Row(
    "What became of it",
    (
        PanelSpec(
            Kind.BARS,
            "Ends",
            "Concerns resolved, referred to a partner, declined and reopened, in the time shown.",
            {
                "resolved": _within("concord_concerns_resolved_total"),
                "referred": _within("concord_concerns_referred_total"),
                "declined": _within("concord_concerns_declined_total"),
                "reopened": _within("concord_concerns_reopened_total"),
            },
        ),
        PanelSpec(
            Kind.BARS,
            "What the rules decided",
            "Cases by what routing's rules made of them: a team, or the reason why not, since the beginning.",
            {"{{outcome}}": "max by (outcome) (concord_routing_cases_total)"},
        ),
        PanelSpec(
            Kind.NUMBER,
            "Acknowledgements delivered",
            "Of all that were delivered or given up, since the beginning.",
            {"share": "max(concord_notification_success)"},
            unit="percentunit",
            width=4,
        ),
        PanelSpec(
            Kind.NUMBER,
            "Share without a team",
            "Share of decided concerns for which no rule chose a team, since the beginning.",
            {"share": "max(concord_unroutable_share)"},
            unit="percentunit",
            warn=0.15,
            width=4,
        ),
    ),
)

CITY = Board(
    "concord-city",
    "Concord: city",
    "What came in, what was promised, what was kept, where it piles up. Every panel says what it shows.",
    "now-7d",
    (NOW, CAME_IN, PILES_UP, PROMISES, TIMES, VOICE, OUTCOME),
)

"""The one way to say no: a stable code for programs; the sentence for people is the client's."""

from typing import Any

# code -> HTTP status. The client has a sentence in each language for every code here (checked by its types).
CODES: dict[str, int] = {
    "invalid": 422,  # the order does not fit its schema; detail: [{field, problem}]
    "unknown_command": 404,
    "login": 401,  # no valid session
    "bad_login": 401,
    "rate_limited": 429,  # detail: {retry_after} in seconds
    "forbidden": 403,
    "not_found": 404,
    "op_reused": 409,  # the same op_id with another order
    "wrong_state": 409,  # detail: {state}
    "too_large": 413,  # detail: {limit} in bytes
    "internal": 500,
    "offline": 503,  # a process this needs is not there
    "disk_full": 507,
    # people
    "username_taken": 409,
    "unit_cycle": 409,
    "unit_dates": 409,
    "last_admin": 409,
    "bad_sheet": 422,
    "bad_code": 404,  # a seat code that is not valid (any more)
    # meetings
    "already_member": 409,
    "last_secretary": 409,
    "statutory": 409,  # the law does not let substitutes vote in this kind of sitting
    "no_substitutes": 409,
    "substitute_vote": 409,  # the vote follows who is there, nobody hands it over
    "not_approved": 409,  # a substitute
    "bad_hall_code": 404,  # not this meeting's, or its time is over
    "member_in_use": 409,  # a note or a speech is theirs
    "nothing_to_undo": 409,
    "no_quorum": 409,  # detail: {present, needed}
    "vote_is_open": 409,
    # agenda
    "item_cycle": 409,
    "item_in_use": 409,
    "no_next_item": 409,
    "too_deep": 409,
    # papers
    "not_a_paper": 415,
    "no_such_upload": 404,
    "state_secret": 422,
    # floor
    "already_asked": 409,
    "nobody_speaking": 409,
    "not_invited": 403,  # to answer
    "quota_used": 409,  # detail: {left} in seconds
    # messages
    "already_called": 409,
    # voting
    "not_in_electorate": 403,
    "item_closed_to_elector": 409,  # detail: {number} of those who are to vote and may not know of the item
    "voting_over": 409,
    "unknown_rule": 422,
    "too_few_voters": 409,
    "bad_ballot": 422,  # detail: {question} from 0, null when it does not fit at all
    "secret_vote": 409,
    "not_counted": 409,
    "deadline_over": 409,
    "no_time_limit": 409,
    "already_voted": 409,  # detail: {person_id}
    "too_many_ballots": 409,  # detail: {most} that may still come
    "no_hand_vote": 409,
    "rule_dates": 409,
    # display
    "nobody_presents": 409,
    "cannot_present": 409,  # the member's role does not present (a wall, an operator), or the paper is closed to them
    "last_wall": 409,
    "too_many_walls": 409,  # detail: {most}
    # secret votes
    "not_signed": 403,  # a token that the issuer did not sign
    "not_open": 409,  # the Box does not take envelopes (yet)
    "spoiled": 409,  # this ballot was given back
    "replayed": 409,  # the same envelope by another slot
    "replaced": 409,  # a newer envelope of the same slot came before this one was written
    "already_issued": 409,  # this seat has a ballot, made on another device
    "bad_key": 422,
    "bad_count": 422,  # what the board counted does not follow from the closing; detail: {problem}
    "not_on_board": 403,
    "trial_runs": 409,  # the test ballot is still out
    "no_box": 503,
    # conference
    "mic_closed": 409,
    "no_point": 404,
    "not_planned": 409,
    "bad_sdp": 422,
    "no_node": 503,
    "locked": 403,
    "no_roll_call": 409,
    "roll_call_runs": 409,
    "already_recording": 409,
    "not_recording": 409,
    "bad_token": 401,  # of an encoder or a player
}


class Refusal(Exception):
    """Something asked for is not done, and nothing has changed.

    `code` is a word of CODES, `detail` plain data a client may put into its sentence.
    """

    def __init__(self, code: str, detail: Any = None) -> None:
        super().__init__(code)
        self.code, self.detail, self.status = code, detail, CODES[code]

    def answer(self) -> dict[str, Any]:
        """The body of every refusal, the same over HTTP and over the socket."""
        return {"ok": False, "error": {"code": self.code, "detail": self.detail}}

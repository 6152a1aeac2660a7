"""Every table of the house in one metadata: importing this knows them all (for migrations and tests)."""

from meetroom import door, journal
from meetroom.agenda import tables as agenda
from meetroom.conference import tables as conference
from meetroom.display import tables as display
from meetroom.documents import tables as documents
from meetroom.floor import tables as floor
from meetroom.ink import tables as ink
from meetroom.meetings import tables as meetings
from meetroom.messages import tables as messages
from meetroom.minutes import tables as minutes
from meetroom.people import tables as people
from meetroom.printing import tables as printing
from meetroom.store import clock
from meetroom.store.tables import Table
from meetroom.voting import tables as voting
from meetroom.voting.secret import tables as secret

metadata = Table.metadata
NOUNS = (
    agenda, clock, conference, display, documents, door, floor, ink, journal,
    meetings, messages, minutes, people, printing, secret, voting,
)  # fmt: skip

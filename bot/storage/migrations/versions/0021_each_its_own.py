"""A notice counts by itself until a moderator has accepted it; twins are looked up, no longer written down.

An address or a browser that was given twice had made two notices one seeker's, and the link of either opened
both. Nobody can tell any more whose they are, so these links end: the operator makes new ones.

Revision: 0021, after 0020.
"""

from alembic import op

revision = '0021'
down_revision = '0020'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute('UPDATE notice SET person_id = seeker_id WHERE first_opened_at IS NULL')
    op.execute(
        'UPDATE notice SET token_hash = lower(hex(randomblob(32))) WHERE seeker_id IN '
        '(SELECT seeker_id FROM notice GROUP BY seeker_id HAVING count(*) > 1)'
    )
    op.drop_table('twin')

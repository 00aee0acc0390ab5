"""Each notice has a seeker of its own: those of who had sent several notices shared one, and so a link.

They keep by what they are recognised; the address that they shared goes, since nobody can tell whose it is.
Their new numbers follow from the notices', below zero: whenever a backup is restored and brought to this
level, the same notice has the same one, so that the ledger erases whom it erased. What it erased before under
the shared number it knows by `parted_from`; the row of that number stays, so that no other gets it.

Revision: 0022, after 0021.
"""

import sqlalchemy as sa
from alembic import op

revision = '0022'
down_revision = '0021'
branch_labels = None
depends_on = None

SHARED = 'SELECT seeker_id FROM notice GROUP BY seeker_id HAVING count(*) > 1'


def upgrade() -> None:
    op.add_column('seeker', sa.Column('parted_from', sa.Integer(), nullable=True))
    op.execute(
        'INSERT INTO seeker (id, created_at, lang, reset_at, parted_from) '
        'SELECT -notice.id, seeker.created_at, notice.lang, seeker.reset_at, seeker.id '
        f'FROM notice JOIN seeker ON seeker.id = notice.seeker_id WHERE seeker.id IN ({SHARED})'
    )
    op.execute(
        'INSERT INTO seeker_key (key, seeker_id, kind) SELECT key, seeker.id, kind '
        'FROM seeker_key JOIN seeker ON seeker.parted_from = seeker_key.seeker_id'
    )
    shells = 'SELECT parted_from FROM seeker'
    op.execute(f'DELETE FROM seeker_key WHERE seeker_id IN ({shells})')
    op.execute(f'UPDATE seeker SET email = NULL, reset_at = NULL WHERE id IN ({shells})')
    op.execute(f'UPDATE notice SET seeker_id = -id WHERE seeker_id IN ({shells})')
    op.execute('UPDATE notice SET person_id = seeker_id WHERE seeker_id < 0 AND first_opened_at IS NULL')
    op.drop_index('ix_notice_seeker_id', 'notice')
    op.create_index('ix_notice_seeker_id', 'notice', ['seeker_id'], unique=True)

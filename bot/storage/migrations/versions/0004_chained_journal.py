"""The journal is append-only and chained: a keyed hash on every line, a head, triggers that refuse changes.

Revision: 0004, after 0003. A later migration that makes the table `journal` anew must make the triggers anew.
"""

import hmac

import sqlalchemy as sa
from alembic import context, op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None

TRIGGERS = {
    # A line that takes a former one's number would replace it without a DELETE.
    'journal_only_at_the_end': (
        'BEFORE INSERT ON journal WHEN NEW.id <= (SELECT last_id FROM journal_head)',
        'the journal is only written at its end',
    ),
    'journal_no_update': ('BEFORE UPDATE ON journal', 'a line of the journal is never changed'),
    'journal_no_delete': (
        'BEFORE DELETE ON journal WHEN OLD.id > coalesce((SELECT kept_after FROM journal_head), 0)',
        'a line of the journal is deleted by age only',
    ),
    'journal_head_no_insert': (
        'BEFORE INSERT ON journal_head WHEN EXISTS (SELECT 1 FROM journal_head)',
        'the journal has one head',
    ),
    'journal_head_no_delete': ('BEFORE DELETE ON journal_head', 'the head of the journal is never deleted'),
    'journal_head_no_return': (
        'BEFORE UPDATE ON journal_head WHEN NEW.last_id < OLD.last_id OR NEW.kept_after < OLD.kept_after'
        ' OR NEW.kept_after > NEW.last_id',
        'the head of the journal never goes back',
    ),
}


def upgrade() -> None:
    op.add_column('journal', sa.Column('chain', sa.String(), server_default='', nullable=False))
    op.create_table(
        'journal_head',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('last_id', sa.Integer(), nullable=False),
        sa.Column('last_chain', sa.String(), nullable=False),
        sa.Column('kept_after', sa.Integer(), nullable=False),
        sa.Column('kept_chain', sa.String(), nullable=False),
        sa.Column('seal', sa.String(), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_journal_head')),
    )
    _chain_what_there_is(context.config.attributes['journal_key'])
    for name, (when, message) in TRIGGERS.items():
        op.execute(f"CREATE TRIGGER {name} {when} BEGIN SELECT RAISE(ABORT, '{message}'); END")


def _chain_what_there_is(key: bytes) -> None:
    """Number the lines anew from 1 without a gap, and chain them; see `bot.storage.chain`."""
    connection = op.get_bind()
    rows = connection.exec_driver_sql(
        'SELECT id, at, actor, action, subject, details FROM journal ORDER BY id'
    ).fetchall()
    chain, number = '', 0
    for number, (old, *parts) in enumerate(rows, 1):
        at, actor, action, subject, details = parts
        sizes = f'{len(at)} {len(actor)} {len(action)} {len(subject)}'
        text = f'{chain}{number} {sizes} {at}{actor}{action}{subject}{details}'
        chain = hmac.digest(key, text.encode(), 'sha256').hex()
        connection.exec_driver_sql('UPDATE journal SET id = ?, chain = ? WHERE id = ?', (number, chain, old))
    seal = hmac.digest(key, b'checkpoint 0 ', 'sha256').hex()
    connection.exec_driver_sql("INSERT INTO journal_head VALUES (1, ?, ?, 0, '', ?)", (number, chain, seal))

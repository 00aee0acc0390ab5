"""The stop button, and shares that volunteers are asked to take back.

Revision: 0006, after 0005.
"""

import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'halt',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('since', sa.DateTime(timezone=True), nullable=False),
        sa.Column('actor', sa.String(), nullable=False),
        sa.Column('reason', sa.String(), nullable=False),
        sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('ended_by', sa.String(), nullable=False),
        sa.Column('end_reason', sa.String(), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_halt')),
    )
    op.create_index(op.f('ix_halt_ended_at'), 'halt', ['ended_at'])
    op.create_table(
        'recall',
        sa.Column('boost_id', sa.Integer(), nullable=False),
        sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ['boost_id'], ['boost.id'], name=op.f('fk_recall_boost_id_boost'), ondelete='CASCADE'
        ),
        sa.PrimaryKeyConstraint('boost_id', name=op.f('pk_recall')),
    )

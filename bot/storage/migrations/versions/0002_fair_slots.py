"""What the slot-time rule keeps: scarcity, circles, certificates, the planner's log.

Revision: 0002, after 0001.
"""

import sqlalchemy as sa
from alembic import op

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'plan_log',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('kind', sa.String(), nullable=False),
        sa.Column('subject', sa.String(), nullable=False),
        sa.Column('data', sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_plan_log')),
    )
    op.create_index(op.f('ix_plan_log_at'), 'plan_log', ['at'])
    op.create_index(op.f('ix_plan_log_subject'), 'plan_log', ['subject'])
    op.create_table(
        'plan_seen',
        sa.Column('subject', sa.String(), nullable=False),
        sa.Column('fingerprint', sa.String(), nullable=False),
        sa.PrimaryKeyConstraint('subject', name=op.f('pk_plan_seen')),
    )
    op.add_column('notice', sa.Column('first_opened_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('notice', sa.Column('scarcity', sa.Integer(), server_default='0', nullable=False))
    op.add_column('notice', sa.Column('reached', sa.JSON(), nullable=True))
    op.add_column('notice', sa.Column('certificate', sa.JSON(), nullable=True))
    op.execute('UPDATE notice SET first_opened_at = opened_at')
    op.create_index('ix_boost_volunteer_asked_at', 'boost', ['volunteer_id', 'asked_at'])

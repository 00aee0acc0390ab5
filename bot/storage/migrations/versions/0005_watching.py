"""What watchers saw, where each goes on, what they missed, what reads cost; how far a seeker said yes.

Revision: 0005, after 0004.
"""

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('notice', sa.Column('consent', sa.String(), server_default='asked', nullable=False))
    op.create_table(
        'sighting',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('network', sa.String(), nullable=False),
        sa.Column('remote_id', sa.String(), nullable=False),
        sa.Column('watcher', sa.String(), nullable=False),
        sa.Column('sight', sa.String(), nullable=False),
        sa.Column('seen_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('notice_id', sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ['notice_id'], ['notice.id'], name=op.f('fk_sighting_notice_id_notice'), ondelete='SET NULL'
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_sighting')),
        sa.UniqueConstraint('network', 'remote_id', name=op.f('uq_sighting_network_remote_id')),
    )
    op.create_index(op.f('ix_sighting_notice_id'), 'sighting', ['notice_id'])
    op.create_index(op.f('ix_sighting_seen_at'), 'sighting', ['seen_at'])
    op.create_table(
        'watcher',
        sa.Column('name', sa.String(), nullable=False),
        sa.Column('network', sa.String(), nullable=False),
        sa.Column('cursor', sa.String(), nullable=False),
        sa.Column('read_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('error', sa.String(), nullable=False),
        sa.Column('why', sa.String(), nullable=False),
        sa.Column('failed_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('until', sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint('name', name=op.f('pk_watcher')),
    )
    op.create_table(
        'watch_gap',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('watcher', sa.String(), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('since', sa.DateTime(timezone=True), nullable=True),
        sa.Column('until', sa.DateTime(timezone=True), nullable=True),
        sa.Column('why', sa.String(), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_watch_gap')),
    )
    op.create_index(op.f('ix_watch_gap_watcher'), 'watch_gap', ['watcher'])
    op.create_table(
        'spending',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('network', sa.String(), nullable=False),
        sa.Column('day', sa.String(), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('what', sa.String(), nullable=False),
        sa.Column('count', sa.Integer(), nullable=False),
        sa.Column('micros', sa.BigInteger(), nullable=False),
        sa.Column('settled', sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_spending')),
    )
    op.create_index('ix_spending_network_day', 'spending', ['network', 'day'])

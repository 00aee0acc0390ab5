"""Calls in volunteers' names: lanes, intents, what posts are called, quotas, breakers.

Revision: 0012, after 0011.
"""

import sqlalchemy as sa
from alembic import op

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        'lane',
        sa.Column('account_id', sa.Integer(), nullable=False),
        sa.Column('network', sa.String(), nullable=False),
        sa.Column('instance', sa.String(), nullable=False),
        sa.Column('next_due', moment, nullable=False),
        sa.Column('not_before', moment, nullable=False),
        sa.Column('leased_until', moment, nullable=False),
        sa.Column(
            'wake_at', moment, sa.Computed('max(next_due, not_before, leased_until)', persisted=True), nullable=True
        ),
        sa.Column('owner', sa.String(), nullable=False),
        sa.Column('epoch', sa.Integer(), nullable=False),
        sa.Column('why', sa.String(), nullable=False),
        sa.Column('refusals', sa.Integer(), nullable=False),
        sa.Column('refused_at', moment, nullable=True),
        sa.Column('good_at', moment, nullable=True),
        sa.ForeignKeyConstraint(
            ['account_id'], ['account.id'], name=op.f('fk_lane_account_id_account'), ondelete='CASCADE'
        ),
        sa.PrimaryKeyConstraint('account_id', name=op.f('pk_lane')),
    )
    op.create_index(op.f('ix_lane_wake_at'), 'lane', ['wake_at'])
    op.create_table(
        'breaker',
        sa.Column('network', sa.String(), nullable=False),
        sa.Column('instance', sa.String(), nullable=False),
        sa.Column('opened_at', moment, nullable=False),
        sa.Column('until', moment, nullable=False),
        sa.PrimaryKeyConstraint('network', 'instance', name=op.f('pk_breaker')),
    )
    op.create_table(
        'call',
        sa.Column('boost_id', sa.Integer(), nullable=False),
        sa.Column('account_id', sa.Integer(), nullable=False),
        sa.Column('post_id', sa.Integer(), nullable=True),
        sa.Column('kind', sa.String(), nullable=False),
        sa.Column('next_at', moment, nullable=True),
        sa.Column('target', sa.String(), nullable=False),
        sa.Column('at', moment, nullable=True),
        sa.Column('sent_at', moment, nullable=True),
        sa.Column('attempts', sa.Integer(), nullable=False),
        sa.Column('epoch', sa.Integer(), nullable=False),
        sa.Column('uncertain_since', moment, nullable=True),
        sa.Column('uncertain_mark', sa.String(), nullable=False),
        sa.Column('remote_id', sa.String(), nullable=False),
        sa.Column('error', sa.String(), nullable=False),
        sa.Column('why', sa.String(), nullable=False),
        sa.ForeignKeyConstraint(['boost_id'], ['boost.id'], name=op.f('fk_call_boost_id_boost'), ondelete='CASCADE'),
        sa.ForeignKeyConstraint(
            ['account_id'], ['account.id'], name=op.f('fk_call_account_id_account'), ondelete='CASCADE'
        ),
        sa.ForeignKeyConstraint(['post_id'], ['post.id'], name=op.f('fk_call_post_id_post'), ondelete='SET NULL'),
        sa.PrimaryKeyConstraint('boost_id', name=op.f('pk_call')),
    )
    op.create_index(
        'ix_call_open', 'call', ['account_id', 'next_at'], sqlite_where=sa.text('next_at IS NOT NULL')
    )
    op.create_index('ix_call_account_sent', 'call', ['account_id', 'sent_at'])
    op.create_index('ix_call_post_sent', 'call', ['post_id', 'sent_at'])
    op.create_table(
        'target',
        sa.Column('post_id', sa.Integer(), nullable=False),
        sa.Column('place', sa.String(), nullable=False),
        sa.Column('target', sa.String(), nullable=False),
        sa.Column('digest', sa.String(), nullable=False),
        sa.Column('looked_at', moment, nullable=True),
        sa.ForeignKeyConstraint(['post_id'], ['post.id'], name=op.f('fk_target_post_id_post'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('post_id', 'place', name=op.f('pk_target')),
    )
    op.create_table(
        'quota',
        sa.Column('network', sa.String(), nullable=False),
        sa.Column('scope', sa.String(), nullable=False),
        sa.Column('key', sa.String(), nullable=False),
        sa.Column('actions', sa.String(), nullable=False),
        sa.Column('busy_until', moment, nullable=True),
        sa.Column('left', sa.Integer(), nullable=False),
        sa.Column('until', moment, nullable=True),
        sa.Column('why', sa.String(), nullable=False),
        sa.PrimaryKeyConstraint('network', 'scope', 'key', 'actions', name=op.f('pk_quota')),
    )

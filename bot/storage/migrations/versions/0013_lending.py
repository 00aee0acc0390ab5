"""Accounts that are being lent, and tokens that go back to their networks.

Revision: 0013, after 0012.
"""

import sqlalchemy as sa
from alembic import op

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None

ACCOUNT = ['account_id'], ['account.id']


def upgrade() -> None:
    op.create_table(
        'connection',
        sa.Column('account_id', sa.Integer(), nullable=False),
        sa.Column('state_hash', sa.String(), nullable=False),
        sa.Column('mode', sa.String(), nullable=False),
        sa.Column('way', sa.String(), nullable=False),
        sa.Column('lang', sa.String(), nullable=False),
        sa.Column('sealed', sa.String(), nullable=False),
        sa.Column('answer', sa.String(), nullable=False),
        sa.Column('begun_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('taken_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('trouble', sa.String(), nullable=False),
        sa.ForeignKeyConstraint(*ACCOUNT, name=op.f('fk_connection_account_id_account'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('account_id', name=op.f('pk_connection')),
        sa.UniqueConstraint('state_hash', name=op.f('uq_connection_state_hash')),
    )
    op.create_index(op.f('ix_connection_expires_at'), 'connection', ['expires_at'])
    op.create_table(
        'revocation',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('account_id', sa.Integer(), nullable=False),
        sa.Column('sealed', sa.String(), nullable=False),
        sa.Column('tried_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('tries', sa.Integer(), nullable=False),
        sa.Column('next_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('why', sa.String(), nullable=False),
        sa.ForeignKeyConstraint(*ACCOUNT, name=op.f('fk_revocation_account_id_account'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_revocation')),
    )
    op.create_index(op.f('ix_revocation_account_id'), 'revocation', ['account_id'])

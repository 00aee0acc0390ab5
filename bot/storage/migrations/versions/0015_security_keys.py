"""Security keys of admins, and what a session asked one to sign.

Revision: 0015, after 0014.
"""

import sqlalchemy as sa
from alembic import op

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'security_key',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('admin_id', sa.Integer(), nullable=False),
        sa.Column('credential_id', sa.LargeBinary(), nullable=False),
        sa.Column('public_key', sa.LargeBinary(), nullable=False),
        sa.Column('count', sa.Integer(), nullable=False),
        sa.Column('name', sa.String(), nullable=False),
        sa.Column('since', sa.DateTime(timezone=True), nullable=False),
        sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ['admin_id'], ['admin.id'], name=op.f('fk_security_key_admin_id_admin'), ondelete='CASCADE'
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_security_key')),
        sa.UniqueConstraint('credential_id', name=op.f('uq_security_key_credential_id')),
    )
    op.create_index(op.f('ix_security_key_admin_id'), 'security_key', ['admin_id'])
    op.add_column('admin_session', sa.Column('challenge', sa.LargeBinary(), nullable=True))
    op.add_column('admin_session', sa.Column('asked_at', sa.DateTime(timezone=True), nullable=True))

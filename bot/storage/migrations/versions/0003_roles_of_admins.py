"""Roles of admins; set-up links that carry a role or belong to one admin.

Revision: 0003, after 0002. Set-up links made before it stop working: they live for a day, `bot admins add`
prints another.
"""

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('admin', sa.Column('role', sa.String(), server_default='operator', nullable=False))
    op.drop_table('one_time_link')
    op.create_table(
        'one_time_link',
        sa.Column('token_hash', sa.String(), nullable=False),
        sa.Column('purpose', sa.String(), nullable=False),
        sa.Column('role', sa.String(), nullable=False),
        sa.Column('admin_id', sa.Integer(), nullable=True),
        sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ['admin_id'], ['admin.id'], name=op.f('fk_one_time_link_admin_id_admin'), ondelete='CASCADE'
        ),
        sa.PrimaryKeyConstraint('token_hash', name=op.f('pk_one_time_link')),
    )

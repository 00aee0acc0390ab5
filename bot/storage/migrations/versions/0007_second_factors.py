"""Second factors and recovery codes; what a session has proved.

Revision: 0007, after 0006. Admins who are logged in log in once more.
"""

import sqlalchemy as sa
from alembic import op

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'second_factor',
        sa.Column('admin_id', sa.Integer(), nullable=False),
        sa.Column('nonce', sa.String(), nullable=False),
        sa.Column('since', sa.DateTime(timezone=True), nullable=False),
        sa.Column('last_step', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ['admin_id'], ['admin.id'], name=op.f('fk_second_factor_admin_id_admin'), ondelete='CASCADE'
        ),
        sa.PrimaryKeyConstraint('admin_id', name=op.f('pk_second_factor')),
    )
    op.create_table(
        'recovery_code',
        sa.Column('code_hash', sa.String(), nullable=False),
        sa.Column('admin_id', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ['admin_id'], ['admin.id'], name=op.f('fk_recovery_code_admin_id_admin'), ondelete='CASCADE'
        ),
        sa.PrimaryKeyConstraint('code_hash', name=op.f('pk_recovery_code')),
    )
    op.create_index(op.f('ix_recovery_code_admin_id'), 'recovery_code', ['admin_id'])
    op.execute('DELETE FROM admin_session')
    op.add_column('admin_session', sa.Column('whole', sa.Boolean(), nullable=False, server_default='0'))
    op.add_column('admin_session', sa.Column('proved_at', sa.DateTime(timezone=True), nullable=True))

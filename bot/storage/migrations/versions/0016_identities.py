"""Who admins are at the collective's own log-in provider.

Revision: 0016, after 0015.
"""

import sqlalchemy as sa
from alembic import op

revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'identity',
        sa.Column('admin_id', sa.Integer(), nullable=False),
        sa.Column('issuer', sa.String(), nullable=False),
        sa.Column('subject', sa.String(), nullable=False),
        sa.Column('since', sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ['admin_id'], ['admin.id'], name=op.f('fk_identity_admin_id_admin'), ondelete='CASCADE'
        ),
        sa.PrimaryKeyConstraint('admin_id', name=op.f('pk_identity')),
        sa.UniqueConstraint('issuer', 'subject', name=op.f('uq_identity_issuer_subject')),
    )

"""Forms that were taken in, so that each is taken once.

Revision: 0018, after 0017.
"""

import sqlalchemy as sa
from alembic import op

revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'stamp',
        sa.Column('key', sa.String(), nullable=False),
        sa.Column('until', sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint('key', name=op.f('pk_stamp')),
    )
    op.create_index(op.f('ix_stamp_until'), 'stamp', ['until'], unique=False)

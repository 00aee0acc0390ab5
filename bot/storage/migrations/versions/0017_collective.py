"""The collective's own account: whether it says that a program runs it, and who left it out.

Revision: 0017, after 0016.
"""

import sqlalchemy as sa
from alembic import op

revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ('labelled_at', 'unlabelled_at'):
        op.add_column('access', sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.add_column('notice', sa.Column('by_collective', sa.Boolean(), server_default='1', nullable=False))

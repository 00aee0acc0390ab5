"""When an admin let a seeker begin anew.

Revision: 0014, after 0013.
"""

import sqlalchemy as sa
from alembic import op

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('seeker', sa.Column('reset_at', sa.DateTime(timezone=True), nullable=True))

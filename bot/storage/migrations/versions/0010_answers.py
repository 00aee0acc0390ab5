"""The address at which people may answer a seeker, shown on the share page.

Revision: 0010, after 0009.
"""

import sqlalchemy as sa
from alembic import op

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('notice', sa.Column('answer_to', sa.String(), server_default='', nullable=False))

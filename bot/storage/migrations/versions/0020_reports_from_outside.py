"""Reports of a notice by anybody: the link by which they follow it, an address if they left one.

Revision: 0020, after 0019.
"""

import sqlalchemy as sa
from alembic import op

revision = '0020'
down_revision = '0019'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('report', sa.Column('token_hash', sa.String(), nullable=True))
    op.add_column('report', sa.Column('contact', sa.String(), server_default='', nullable=False))
    op.create_index(op.f('ix_report_token_hash'), 'report', ['token_hash'], unique=True)

"""The door of the form; notices that came in beside an open one.

Revision: 0009, after 0008.
"""

import sqlalchemy as sa
from alembic import op

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'form_door',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('since', sa.DateTime(timezone=True), nullable=False),
        sa.Column('until', sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_form_door')),
    )
    op.create_table(
        'twin',
        sa.Column('notice_id', sa.Integer(), nullable=False),
        sa.Column('other_id', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ['notice_id'], ['notice.id'], name=op.f('fk_twin_notice_id_notice'), ondelete='CASCADE'
        ),
        sa.ForeignKeyConstraint(
            ['other_id'], ['notice.id'], name=op.f('fk_twin_other_id_notice'), ondelete='CASCADE'
        ),
        sa.PrimaryKeyConstraint('notice_id', 'other_id', name=op.f('pk_twin')),
    )
    op.create_index(op.f('ix_twin_other_id'), 'twin', ['other_id'])

"""What privacy keeps: the last sign of a seeker, the end of a consent, the texts that people said yes to.

Revision: 0008, after 0007.
"""

import sqlalchemy as sa
from alembic import op

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'consent_text',
        sa.Column('text_hash', sa.String(), nullable=False),
        sa.Column('text', sa.String(), nullable=False),
        sa.PrimaryKeyConstraint('text_hash', name=op.f('pk_consent_text')),
    )
    op.add_column('consent', sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True))
    op.create_index(op.f('ix_consent_ended_at'), 'consent', ['ended_at'])
    op.execute('UPDATE consent SET ended_at = withdrawn_at')
    op.add_column('notice', sa.Column('alive_at', sa.DateTime(timezone=True), nullable=True))
    op.create_index(op.f('ix_notice_alive_at'), 'notice', ['alive_at'])
    # Generous to whoever is there already: the last moment that the row tells of.
    op.execute('UPDATE notice SET alive_at = coalesce(closed_at, opened_at, created_at)')

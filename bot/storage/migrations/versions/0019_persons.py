"""With whom a notice counts stands beside whose link opens it; a fingerprint may be several seekers'.

Revision: 0019, after 0018.
"""

import sqlalchemy as sa
from alembic import op

revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('notice', sa.Column('person_id', sa.Integer(), server_default='0', nullable=False))
    op.execute('UPDATE notice SET person_id = seeker_id')
    op.create_index('ix_notice_person_id', 'notice', ['person_id'])
    op.create_table(
        'seeker_key_now',
        sa.Column('key', sa.String(), nullable=False),
        sa.Column('seeker_id', sa.Integer(), nullable=False),
        sa.Column('kind', sa.String(), nullable=False),
        sa.ForeignKeyConstraint(['seeker_id'], ['seeker.id'], name=op.f('fk_seeker_key_seeker_id_seeker'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('key', 'seeker_id', name=op.f('pk_seeker_key')),
    )
    op.execute('INSERT INTO seeker_key_now SELECT key, seeker_id, kind FROM seeker_key')
    op.drop_table('seeker_key')
    op.rename_table('seeker_key_now', 'seeker_key')
    op.create_index('ix_seeker_key_seeker_id', 'seeker_key', ['seeker_id'])

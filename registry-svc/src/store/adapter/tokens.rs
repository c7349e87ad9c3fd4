//! The hashes of API tokens.

pub(in crate::store) const MILESTONE: &str = "INSERT INTO milestones (name, reached_at) \
    VALUES ('first_token', $1) ON CONFLICT (name) DO NOTHING";

pub(in crate::store) const INSERT: &str = "INSERT INTO api_tokens \
    (id, hash, name, role, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)";

pub(in crate::store) const FIND: &str = "SELECT id, name, role, created_at, expires_at \
    FROM api_tokens WHERE hash = $1 AND revoked_at IS NULL";

pub(in crate::store) const ALL: &str = "SELECT id, name, role, created_at, expires_at \
    FROM api_tokens WHERE revoked_at IS NULL ORDER BY created_at, id";

pub(in crate::store) const REVOKE: &str =
    "UPDATE api_tokens SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL";

/// Implements [`crate::store::Tokens`].
macro_rules! tokens_of {
    ($store:ty, $db:ty) => {
        impl crate::store::Tokens for $store {
            async fn put_token(
                &self,
                record: &TokenRecord,
                only_first: bool,
            ) -> Result<bool, StoreError> {
                let info = &record.info;
                let mut transaction = self.begin().await?;
                // Of two first starts at once, the second waits here for the first.
                let milestone = sqlx::query::<$db>(tokens::MILESTONE).bind(info.created_at_ms);
                let first = milestone.execute(&mut *transaction).await?.rows_affected() == 1;
                if only_first && !first {
                    return Ok(false);
                }
                sqlx::query::<$db>(tokens::INSERT)
                    .bind(info.id.to_string())
                    .bind(record.hash.as_slice())
                    .bind(&info.name)
                    .bind(info.role.as_str())
                    .bind(info.created_at_ms)
                    .bind(info.expires_at_ms)
                    .execute(&mut *transaction)
                    .await?;
                transaction.commit().await?;
                Ok(true)
            }

            async fn find_token(&self, hash: &[u8]) -> Result<Option<TokenInfo>, StoreError> {
                let row: Option<TokenRow> = sqlx::query_as::<$db, _>(tokens::FIND)
                    .bind(hash)
                    .fetch_optional(self.reader())
                    .await?;
                row.map(TokenInfo::try_from).transpose()
            }

            async fn tokens(&self) -> Result<Vec<TokenInfo>, StoreError> {
                let rows: Vec<TokenRow> = sqlx::query_as::<$db, _>(tokens::ALL)
                    .fetch_all(self.reader())
                    .await?;
                rows::all(rows)
            }

            async fn drop_token(&self, id: TokenId, now_ms: i64) -> Result<bool, StoreError> {
                let revoke = sqlx::query::<$db>(tokens::REVOKE)
                    .bind(id.to_string())
                    .bind(now_ms);
                Ok(revoke.execute(self.writer()).await?.rows_affected() == 1)
            }
        }
    };
}

pub(in crate::store) use tokens_of;

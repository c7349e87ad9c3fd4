//! What auth-svc answers, request by request.

mod caller_token;
mod verify;

use std::sync::Arc;

use bus::Bus;
use bus::router::Router;
use ops::clock;
use shared::codes::Code;
use shared::rpc::Context;
use shared::v1::auth::{
    CallbackRight, CheckCallbackLink, CheckCredentials, CheckReplyLink, CheckToken,
    CredentialProblem, ListTokens, MintToken, Minted, PublicKey, ReplyRight, RevokeToken,
    RunSecret, RunSecrets, SealingKey, SignCallbackLink, SignCallerToken, SignReplyLink,
    SignedToken, TokenInfo, Verify,
};
use shared::v1::reply::Failure;

use crate::callback_link::CallbackLinks;
use crate::credentials::{self, Credentials};
use crate::reply_link::ReplyLinks;
use crate::secrets::Secrets;
use crate::tokens::Tokens;

/// Everything that answers are made from.
pub(crate) struct Answers {
    pub(crate) bus: Bus,
    pub(crate) credentials: Arc<Credentials>,
    pub(crate) secrets: Arc<Secrets>,
    pub(crate) links: ReplyLinks,
    pub(crate) callbacks: CallbackLinks,
    pub(crate) tokens: Tokens,
}

type Answer<T> = Result<T, Failure>;

/// Answers each request with the method of [`Answers`] that is named beside it.
pub(crate) fn router(answers: &Arc<Answers>) -> Router {
    macro_rules! route {
        ($($message:ty => $method:ident,)*) => {
            Router::new(answers.bus.clone(), clock::now_ms)
                $(.on::<$message, _, _>({
                    let answers = answers.clone();
                    move |context, message| {
                        let answers = answers.clone();
                        async move { answers.$method(context, message).await }
                    }
                }))*
        };
    }
    route! {
        Verify => verify,
        CheckToken => check_token,
        MintToken => mint_token,
        ListTokens => list_tokens,
        RevokeToken => revoke_token,
        SealingKey => sealing_key,
        CheckCredentials => check_credentials,
        SignCallerToken => sign_caller_token,
        RunSecrets => run_secrets,
        SignReplyLink => sign_reply_link,
        CheckReplyLink => check_reply_link,
        SignCallbackLink => sign_callback_link,
        CheckCallbackLink => check_callback_link,
    }
}

impl Answers {
    async fn check_token(&self, context: Context, asked: CheckToken) -> Answer<Option<TokenInfo>> {
        self.tokens.check(&self.bus, context, asked).await
    }

    async fn mint_token(&self, context: Context, asked: MintToken) -> Answer<Minted> {
        self.tokens.mint(&self.bus, context, asked).await
    }

    async fn list_tokens(&self, context: Context, _: ListTokens) -> Answer<Vec<TokenInfo>> {
        self.tokens.list(&self.bus, context).await
    }

    async fn revoke_token(&self, context: Context, asked: RevokeToken) -> Answer<bool> {
        self.tokens.revoke(&self.bus, context, asked).await
    }

    async fn sealing_key(&self, _: Context, _: SealingKey) -> Answer<PublicKey> {
        Ok(self.credentials.key().public().clone())
    }

    /// An author's script may run for long, so it does not run where verdicts are given.
    async fn check_credentials(
        &self,
        _: Context,
        asked: CheckCredentials,
    ) -> Answer<Vec<CredentialProblem>> {
        let key = self.credentials.key().clone();
        let checked =
            tokio::task::spawn_blocking(move || credentials::check(&key, &asked.credentials)).await;
        checked.map_err(|error| {
            tracing::error!(%error, "credentials could not be checked");
            Failure::new(Code::Internal, "the credentials could not be checked")
        })
    }

    async fn run_secrets(&self, context: Context, asked: RunSecrets) -> Answer<Vec<RunSecret>> {
        self.secrets.of_run(&self.bus, context, asked).await
    }

    async fn sign_reply_link(&self, _: Context, asked: SignReplyLink) -> Answer<SignedToken> {
        self.links.sign(&asked)
    }

    async fn sign_callback_link(&self, _: Context, asked: SignCallbackLink) -> Answer<SignedToken> {
        self.callbacks.sign(asked)
    }

    async fn check_callback_link(
        &self,
        _: Context,
        asked: CheckCallbackLink,
    ) -> Answer<Option<CallbackRight>> {
        Ok(self.callbacks.check(&asked.token, clock::now_ms()))
    }

    async fn check_reply_link(
        &self,
        _: Context,
        asked: CheckReplyLink,
    ) -> Answer<Option<ReplyRight>> {
        Ok(self.links.check(&asked.token, clock::now_ms()))
    }
}

//! Puts credentials on requests; fetches and renews OAuth 2.0 access tokens.

use std::time::Duration;

use reqwest::Client;
use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use tokio::sync::Mutex;
use tokio::time::Instant;
use url::Url;

use super::base;
use super::error::{ErrorKind, TargetError};
use super::redact::Redactor;
use super::settings::{Credential, Login, ResolvedAuth, Times};

/// Access tokens are renewed this long before they end.
const MARGIN: Duration = Duration::from_secs(30);

/// Credentials in the form in which requests carry them.
pub(crate) enum Authenticator {
    None,
    Fixed(HeaderName, HeaderValue),
    OAuth2(Box<Grant>),
}

/// OAuth 2.0 client credentials (RFC 6749 section 4.4) and the token they gave last.
pub(crate) struct Grant {
    token_url: Url,
    client_id: String,
    client_secret: SecretString,
    scopes: Vec<String>,
    current: Mutex<Option<Token>>,
}

struct Token {
    header: HeaderValue,
    ends: Option<Instant>,
}

/// Never printed: it has no `Debug`.
#[derive(Deserialize)]
struct TokenAnswer {
    access_token: String,
    #[serde(default)]
    token_type: Option<String>,
    #[serde(default)]
    expires_in: Option<serde_json::Value>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct TokenProblem {
    error: String,
    error_description: String,
}

fn setup(why: impl Into<String>) -> TargetError {
    TargetError::new(ErrorKind::Setup, why)
}

fn sensitive(text: &str) -> Result<HeaderValue, TargetError> {
    let mut value = HeaderValue::from_str(text)
        .map_err(|_| setup("the secret holds characters that no header may hold; is it the right one?"))?;
    value.set_sensitive(true);
    Ok(value)
}

impl Authenticator {
    /// Checks the credentials' form and teaches the redactor what to hide.
    pub(crate) fn new(auth: &ResolvedAuth, client: &Client, redactor: &Redactor) -> Result<Self, TargetError> {
        let ResolvedAuth::Login(Login { credential, permit }) = auth else { return Ok(Self::None) };
        Ok(match credential {
            Credential::Bearer(token) => {
                redactor.learn(token.expose_secret());
                Self::Fixed(AUTHORIZATION, sensitive(&format!("Bearer {}", token.expose_secret()))?)
            }
            Credential::Header { name, value } => {
                redactor.learn(value.expose_secret());
                let name =
                    HeaderName::try_from(name.as_str()).map_err(|_| setup(format!("`{name}` is no header name")))?;
                Self::Fixed(name, sensitive(value.expose_secret())?)
            }
            Credential::Basic { username, password } => {
                redactor.learn(password.expose_secret());
                let request = client.get("https://localhost/").basic_auth(username, Some(password.expose_secret()));
                let request = request.build().map_err(|_| setup("user name and password can't be sent"))?;
                let value = request.headers().get(AUTHORIZATION).cloned();
                let value = value.ok_or_else(|| setup("user name and password can't be sent"))?;
                redactor.learn(value.to_str().unwrap_or_default().trim_start_matches("Basic "));
                Self::Fixed(AUTHORIZATION, value)
            }
            Credential::OAuth2 { client_id, client_secret, scopes } => {
                redactor.learn(client_secret.expose_secret());
                let url = permit.token_url().cloned().ok_or_else(|| setup("no `tokenUrl` is known"))?;
                Self::OAuth2(Box::new(Grant {
                    token_url: url,
                    client_id: client_id.clone(),
                    client_secret: client_secret.clone(),
                    scopes: scopes.clone(),
                    current: Mutex::new(None),
                }))
            }
        })
    }

    /// The header to send; fetches a token where one is due.
    pub(crate) async fn header(
        &self,
        client: &Client,
        redactor: &Redactor,
        times: &Times,
    ) -> Result<Option<(HeaderName, HeaderValue)>, TargetError> {
        match self {
            Self::None => Ok(None),
            Self::Fixed(name, value) => Ok(Some((name.clone(), value.clone()))),
            Self::OAuth2(grant) => Ok(Some((AUTHORIZATION, grant.header(client, redactor, times).await?))),
        }
    }

    /// Drops the token that was refused; says whether another can be fetched.
    pub(crate) async fn renew(&self, refused: Option<&HeaderValue>) -> bool {
        let Self::OAuth2(grant) = self else {
            return false;
        };
        let mut current = grant.current.lock().await;
        if current.as_ref().map(|token| &token.header) == refused {
            *current = None;
        }
        true
    }
}

impl Grant {
    async fn header(&self, client: &Client, redactor: &Redactor, times: &Times) -> Result<HeaderValue, TargetError> {
        // The lock is held while fetching, so that many requests at once fetch one token.
        let mut current = self.current.lock().await;
        if let Some(token) = &*current
            && token.ends.is_none_or(|ends| Instant::now() < ends)
        {
            return Ok(token.header.clone());
        }
        let token = self.fetch(client, redactor, times).await?;
        let header = token.header.clone();
        *current = Some(token);
        Ok(header)
    }

    async fn fetch(&self, client: &Client, redactor: &Redactor, times: &Times) -> Result<Token, TargetError> {
        let mut wait = times.backoff;
        let mut attempt = 1;
        loop {
            let error = match self.ask(client, redactor, times, true).await {
                Ok(token) => return Ok(token),
                Err(error) => error,
            };
            let passing = error.status().is_none_or(|status| status == 429 || status >= 500);
            if !passing || attempt == 3 {
                return Err(error.after(attempt));
            }
            attempt += 1;
            tokio::time::sleep(wait).await;
            wait *= 2;
        }
    }

    /// Asks once; where the server does not take Basic (RFC 6749 section 2.3.1 wants it, some vendors differ), once
    /// more with the credentials in the body.
    async fn ask(
        &self,
        client: &Client,
        redactor: &Redactor,
        times: &Times,
        basic: bool,
    ) -> Result<Token, TargetError> {
        let fail = |why: &str| {
            TargetError::new(ErrorKind::Token, redactor.tame(why, &[])).at("POST", base::shown(&self.token_url))
        };
        let answer = tokio::time::timeout(times.answer, self.send(client, basic)).await;
        let answer = answer.map_err(|_| fail("no answer in time"))?;
        let (status, body) = answer.map_err(|error| fail(&super::failure::words(&error)))?;
        if status == 200 {
            let token: TokenAnswer =
                serde_json::from_slice(&body).map_err(|_| fail("the answer holds no access token"))?;
            return self.accept(&token, redactor);
        }
        let problem: TokenProblem = serde_json::from_slice(&body).unwrap_or_default();
        if basic
            && matches!(status, 400 | 401)
            && matches!(problem.error.as_str(), "invalid_client" | "invalid_request")
        {
            return Box::pin(self.ask(client, redactor, times, false)).await;
        }
        let words = if problem.error.is_empty() {
            String::from_utf8_lossy(&body).into_owned()
        } else {
            format!("{} {}", problem.error, problem.error_description)
        };
        Err(fail(&words).with_status(status))
    }

    async fn send(&self, client: &Client, basic: bool) -> reqwest::Result<(u16, Vec<u8>)> {
        let scope = self.scopes.join(" ");
        let mut form = vec![("grant_type", "client_credentials")];
        if !scope.is_empty() {
            form.push(("scope", &scope));
        }
        if !basic {
            form.push(("client_id", &self.client_id));
            form.push(("client_secret", self.client_secret.expose_secret()));
        }
        let mut request = client.post(self.token_url.clone()).header(ACCEPT, "application/json").form(&form);
        if basic {
            let written = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
            let secret = written(self.client_secret.expose_secret());
            request = request.basic_auth(written(&self.client_id), Some(secret));
        }
        let mut response = request.send().await?;
        let status = response.status().as_u16();
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            body.extend_from_slice(&chunk);
            if body.len() > 1 << 20 {
                break;
            }
        }
        Ok((status, body))
    }

    fn accept(&self, answer: &TokenAnswer, redactor: &Redactor) -> Result<Token, TargetError> {
        let fail = |why: &str| TargetError::new(ErrorKind::Token, why).at("POST", base::shown(&self.token_url));
        if let Some(kind) = &answer.token_type
            && !kind.eq_ignore_ascii_case("bearer")
        {
            return Err(fail("the access token is of a type other than `Bearer`"));
        }
        let token = answer.access_token.as_str();
        if token.is_empty() {
            return Err(fail("the access token is empty"));
        }
        redactor.learn(token);
        // Without `expires_in` it is kept until it is refused (RFC 6749 section 5.1: recommended, not required).
        let seconds = match &answer.expires_in {
            Some(serde_json::Value::Number(number)) => number.as_u64(),
            Some(serde_json::Value::String(text)) => text.parse().ok(),
            _ => None,
        };
        let ends = seconds.and_then(|seconds| {
            let lasts = Duration::from_secs(seconds);
            Instant::now().checked_add(lasts.saturating_sub(MARGIN.min(lasts / 2)))
        });
        Ok(Token { header: sensitive(&format!("Bearer {token}"))?, ends })
    }
}

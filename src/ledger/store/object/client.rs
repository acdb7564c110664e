//! An object store's asynchronous client, asked from synchronous code.

use std::future::Future;
use std::sync::mpsc::channel;
use std::time::Duration;

use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey, S3ConditionalPut};
use object_store::azure::{AzureConfigKey, MicrosoftAzureBuilder};
use object_store::gcp::{GoogleCloudStorageBuilder, GoogleConfigKey};
use object_store::path::Path;
use object_store::{ClientConfigKey, Error, ObjectStore, ObjectStoreScheme, RetryConfig};
use tokio::runtime::Runtime;

/// The longest that one question may take, its retries included.
const LIMIT: Duration = Duration::from_secs(60);
/// For one request.
const REQUEST: [(ClientConfigKey, &str); 2] =
    [(ClientConfigKey::ConnectTimeout, "10 seconds"), (ClientConfigKey::Timeout, "30 seconds")];

/// Why a question was not answered.
#[derive(Debug)]
pub(super) enum Fault {
    /// The store said no.
    Store(Error),
    /// No answer in time, or none at all.
    Silent,
}

/// A runtime on a thread of its own, since the caller may stand in one that must not be blocked on.
#[derive(Debug)]
pub(super) struct Engine {
    runtime: Option<Runtime>,
}

impl Engine {
    pub(super) fn start() -> std::io::Result<Self> {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).thread_name("ledger").enable_all().build()?;
        Ok(Self { runtime: Some(runtime) })
    }

    /// Waits for the outcome.
    pub(super) fn wait<T: Send + 'static>(
        &self,
        question: impl Future<Output = Result<T, Error>> + Send + 'static,
    ) -> Result<T, Fault> {
        let (sender, receiver) = channel();
        if let Some(runtime) = &self.runtime {
            runtime.spawn(async move {
                let answer = tokio::time::timeout(LIMIT, question).await;
                let _ = sender.send(answer.map_or(Err(Fault::Silent), |answer| answer.map_err(Fault::Store)));
            });
        }
        receiver.recv().unwrap_or(Err(Fault::Silent))
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        // Waiting for it is not allowed inside another runtime, and nothing is under way.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// The store and the folder in it that a URL names. What else it needs comes from the environment's usual variables.
pub(super) fn open(url: &str) -> Result<(Box<dyn ObjectStore>, Path), Error> {
    let parsed = url::Url::parse(url).map_err(|error| Error::Generic { store: "URL", source: Box::new(error) })?;
    let (scheme, path) = ObjectStoreScheme::parse(&parsed)?;
    let retry = RetryConfig { max_retries: 3, retry_timeout: Duration::from_secs(30), ..RetryConfig::default() };
    let store: Box<dyn ObjectStore> = match scheme {
        ObjectStoreScheme::AmazonS3 => {
            let builder = AmazonS3Builder::from_env().with_url(url).with_retry(retry);
            let builder = REQUEST
                .into_iter()
                .fold(builder, |builder, (key, value)| builder.with_config(AmazonS3ConfigKey::Client(key), value));
            Box::new(builder.with_conditional_put(S3ConditionalPut::ETagMatch).build()?)
        }
        ObjectStoreScheme::GoogleCloudStorage => {
            let builder = GoogleCloudStorageBuilder::from_env().with_url(url).with_retry(retry);
            let builder = REQUEST
                .into_iter()
                .fold(builder, |builder, (key, value)| builder.with_config(GoogleConfigKey::Client(key), value));
            Box::new(builder.build()?)
        }
        ObjectStoreScheme::MicrosoftAzure => {
            let builder = MicrosoftAzureBuilder::from_env().with_url(url).with_retry(retry);
            let builder = REQUEST
                .into_iter()
                .fold(builder, |builder, (key, value)| builder.with_config(AzureConfigKey::Client(key), value));
            Box::new(builder.build()?)
        }
        _ => {
            let source = "it is none of s3, gs, az, azure".into();
            return Err(Error::Generic { store: "URL", source });
        }
    };
    Ok((store, path))
}

/// What went wrong and the way out, on one line and without secrets.
pub(super) fn describe(fault: &Fault) -> String {
    let error = match fault {
        Fault::Silent => return "it did not answer in time".to_owned(),
        Fault::Store(error) => error,
    };
    let said = plain(&error.to_string());
    match error {
        Error::Unauthenticated { .. } => format!("it does not accept the credentials of the environment ({said})"),
        Error::PermissionDenied { .. } => {
            format!(
                "the credentials of the environment may not do this: they need to read and write objects there ({said})"
            )
        }
        Error::NotFound { .. } => format!("there is no such bucket or container ({said})"),
        _ => format!(
            "{said}. Credentials and addresses come from the usual variables (`AWS_…`, `GOOGLE_…`, `AZURE_…`) of the \
             environment"
        ),
    }
}

/// The beginning of a store's words, without the query of an address, which may hold a signature, and without bodies.
fn plain(text: &str) -> String {
    let text = text.split('<').next().unwrap_or_default();
    let words = text.split_whitespace().map(|word| word.split('?').next().unwrap_or_default());
    let text = words.collect::<Vec<_>>().join(" ");
    text.trim_end_matches([':', ' ', '.']).chars().take(300).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_signature_and_no_body_is_told() {
        let text = "Generic S3 error: PUT https://b.example/x?sig=s3cret&a=b failed: <Error><Key>AKIA</Key></Error>";
        assert_eq!(plain(text), "Generic S3 error: PUT https://b.example/x failed");
    }

    #[test]
    fn an_engine_can_be_used_and_dropped_inside_a_runtime() {
        let outer = tokio::runtime::Builder::new_current_thread().build().unwrap();
        outer.block_on(async {
            let engine = Engine::start().unwrap();
            assert_eq!(engine.wait(async { Ok(7) }).unwrap(), 7);
        });
    }
}

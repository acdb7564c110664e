//! The read side of a target. It holds a client that can do nothing but GET.

use std::collections::BTreeMap;
use std::sync::Arc;

use reqwest::header::ETAG;
use tokio::sync::OnceCell;

use super::decode;
use super::discovery::{self, Announced};
use super::error::{ErrorKind, TargetError};
use super::getter::Getter;
use super::listing::{Listing, Query};
use super::lookups::{self, Lookups};
use super::memberships::{self, FoundOut};
use super::pace::Pace;
use super::wanted::Wanted;
use crate::live::{Discovery, ListTrust, Live, LiveResource, Members, Memberships};
use crate::profile::{MembersShown, Obstacle, Profile};
use crate::scim::path::AttrPath;
use crate::scim::schema::Schemas;
use crate::scim::{Object, PerKind, ResourceKind, Value, filter};

/// `count` where neither profile nor discovery says better.
const PAGE: u64 = 100;

/// Largest `count` that is taken over from discovery.
const LARGEST_PAGE: u64 = 1000;

/// Further pages that an `eq` filter may give before it is taken for ignored.
const MOST_FOUND_PAGES: u64 = 3;

/// Reads a target; never writes, by type.
#[derive(Clone)]
pub struct Reader {
    getter: Getter,
    profile: Arc<Profile>,
    announced: Arc<OnceCell<Announced>>,
    identity: Arc<OnceCell<Option<String>>>,
}

/// What to read.
#[derive(Clone, Debug, Default)]
pub struct ReadRequest {
    /// Attributes of users; `None` reads no users.
    pub users: Option<Wanted>,
    /// Attributes of groups; `None` reads no groups.
    pub groups: Option<Wanted>,
    /// Look these people up instead of listing everyone.
    pub lookups: Option<Lookups>,
}

/// A resource with all that the server shows, as a PUT sends it back.
#[derive(Clone, Debug)]
pub struct Whole {
    /// The resource, untouched.
    pub object: Object,
    /// The `ETag` header.
    pub etag: Option<String>,
}

/// How a list was answered that was asked for one resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Glimpse {
    /// Resources that came.
    pub shown: u64,
    /// How many there are, as the server says.
    pub total: Option<u64>,
    /// Whether a cursor came with them.
    pub cursor: bool,
    /// Whether the answer was a list with neither a total nor resources.
    pub says_nothing: bool,
}

impl Reader {
    pub(super) fn new(getter: Getter, profile: Arc<Profile>) -> Self {
        Self { getter, profile, announced: Arc::default(), identity: Arc::default() }
    }

    pub(super) const fn getter(&self) -> &Getter {
        &self.getter
    }

    /// GET requests sent over this connection so far, retries included.
    pub fn requests(&self) -> u64 {
        self.getter.requests()
    }

    /// How work at the target goes on, whoever does it over this connection.
    pub fn pace(&self) -> Pace {
        self.getter.pace()
    }

    /// Whether members are to be sent with `$ref`, their URL.
    pub fn refers_to_members(&self) -> bool {
        self.profile.capabilities.member_reference
    }

    /// Requests worth having in flight at once.
    pub fn abreast(&self) -> usize {
        usize::try_from(self.profile.capabilities.concurrency.clamp(1, 64)).unwrap_or(1)
    }

    /// What the target says that it can do; asked for once per connection, at most three requests, never an error.
    pub async fn discover(&self) -> Discovery {
        self.announced().await.discovery.clone()
    }

    /// The same, with what became of each request.
    pub async fn announced(&self) -> &Announced {
        let endpoint = &self.profile.capabilities.config_endpoint;
        self.announced.get_or_init(|| discovery::discover(&self.getter, endpoint)).await
    }

    /// The server's own schemas (RFC 7643 section 7); one request, without retries.
    pub async fn schemas(&self) -> Result<Schemas, TargetError> {
        discovery::schemas(&self.getter).await
    }

    /// Id of the account that the credentials belong to (`/Me`, RFC 7644 section 3.11); asked for once per connection, one
    /// request without retries, and `None` where the target does not say.
    pub async fn identity(&self) -> Option<String> {
        let ask = || async {
            let answer = self.getter.glance(&["Me"]).await.ok()?;
            let account = decode::resource(&answer.body, ResourceKind::User, &Wanted::default()).ok()??;
            Some(account.id)
        };
        self.identity.get_or_init(ask).await.clone()
    }

    /// What is said of a target that speaks SCIM 1.1 ([`Discovery::outdated`]).
    pub fn outdated(&self) -> TargetError {
        self.getter.outdated(&[&self.profile.capabilities.config_endpoint])
    }

    /// Asks for a page of one resource, for a look at how lists are answered.
    pub async fn glimpse(&self, kind: ResourceKind) -> Result<Glimpse, TargetError> {
        let query = self.query(kind, &Wanted::default(), None);
        let query = Query { count: query.count.map(|_| 1), abreast: 1, ..query };
        let page = query.open().await?.page;
        Ok(Glimpse {
            shown: page.received(),
            total: page.total,
            cursor: page.next_cursor.is_some(),
            says_nothing: page.bare,
        })
    }

    pub(super) fn query(&self, kind: ResourceKind, wanted: &Wanted, filter: Option<String>) -> Query {
        let facts = &self.profile.capabilities;
        let known = self.announced.get().map(|announced| &announced.discovery);
        let announced = known.and_then(|known| known.max_page_size.or(known.filter_max_results));
        let count = facts.page_size.unwrap_or_else(|| announced.map_or(PAGE, |most| most.clamp(1, LARGEST_PAGE)));
        Query {
            getter: self.getter.clone(),
            kind,
            wanted: Arc::new(wanted.clone()),
            filter,
            attributes: if facts.attributes_parameter { wanted.parameter() } else { None },
            paging: facts.paging,
            sure: self.profile.is_verified("capabilities.paging"),
            cursors: known.and_then(|known| known.cursor).unwrap_or(false),
            count: facts.count_parameter.then_some(count.max(1)),
            abreast: self.abreast(),
            totals: facts.totals,
        }
    }

    /// Reads what is asked for and says how complete it is. An error means that nothing useful could be read.
    pub async fn read(&self, request: &ReadRequest) -> Result<Live, TargetError> {
        let mut discovery = self.discover().await;
        if discovery.outdated {
            return Err(self.outdated());
        }
        let facts = &self.profile.capabilities;
        let groups = request.groups.as_ref().filter(|_| facts.resources.groups);
        let (users, listed) = tokio::join!(
            self.users(request.users.as_ref(), request.lookups.as_ref()),
            self.groups(groups, request.lookups.as_ref())
        );
        let users = self.real(users?, ResourceKind::User);
        let mut groups = match listed {
            Ok(listing) => self.real(listing, ResourceKind::Group),
            // Users answer and groups are not there: the target has none (S3-09).
            Err(error) if request.users.is_some() && matches!(error.status(), Some(404 | 405 | 501)) => {
                discovery.notices.push(format!("the target has no groups: {error}"));
                discovery.groups = Some(false);
                Listing::default()
            }
            Err(error) => return Err(error),
        };
        if self.profile.capabilities.members != MembersShown::List {
            // What is shown there, if anything, is not all.
            groups.resources.iter_mut().for_each(|group| group.members = Members::Unknown);
        }
        Ok(Live {
            users: users.resources,
            groups: groups.resources,
            trust: PerKind { users: users.trust, groups: groups.trust },
            gone: PerKind::default(),
            discovery,
            identity: None,
            requests: self.requests(),
        })
    }

    /// A list without what the server made up. What it shows in place of the real ones is not all there is.
    fn real(&self, mut listing: Listing, kind: ResourceKind) -> Listing {
        let made_up = &self.profile.capabilities.synthetic;
        if made_up.is_empty() {
            return listing;
        }
        let attribute = kind.name_attribute();
        let name = |one: &LiveResource| one.attributes.get(attribute).and_then(Value::as_str).map(str::to_owned);
        let shown = listing.resources.iter().filter_map(name).find(|name| made_up.contains(name));
        let Some(shown) = shown else { return listing };
        listing.resources.retain(|one| name(one).is_none_or(|name| !made_up.contains(&name)));
        if listing.trust != ListTrust::NotAsked {
            let why =
                format!("the list holds `{shown}`, which the target makes up where it does not list the real {kind}s");
            let why = format!("{why}; {}", self.getter.way_out(&Obstacle::MadeUp));
            listing.trust = ListTrust::Short(why);
        }
        listing
    }

    async fn users(&self, wanted: Option<&Wanted>, lookups: Option<&Lookups>) -> Result<Listing, TargetError> {
        let Some(wanted) = wanted else {
            return Ok(Listing::default());
        };
        let query = self.query(ResourceKind::User, wanted, None);
        let filters = &self.profile.capabilities.filter_users;
        let Some(lookups) = lookups.filter(|lookups| lookups.possible(ResourceKind::User, filters)) else {
            return query.list().await;
        };
        if !lookups.only_when_cheaper {
            return self.sought(ResourceKind::User, lookups, wanted).await;
        }
        let mut found = BTreeMap::new();
        let first = query.open().await?;
        if first.requests_left().is_none_or(|left| left <= lookups.requests(ResourceKind::User)) {
            return query.finish(first).await;
        }
        found.extend(first.page.resources.iter().map(|user| (user.id.clone(), user.clone())));
        match lookups::look_up(self, ResourceKind::User, lookups, wanted, &mut found).await {
            Ok(()) => {
                let resources = found.into_values().collect();
                Ok(Listing { resources, trust: ListTrust::NotAsked })
            }
            // A filter that is not understood after all.
            Err(error) if error.kind() == ErrorKind::Filter || matches!(error.status(), Some(400 | 501)) => {
                query.finish(first).await
            }
            Err(error) => Err(error),
        }
    }

    /// Those who are looked up alone, where a list says nothing.
    async fn sought(&self, kind: ResourceKind, lookups: &Lookups, wanted: &Wanted) -> Result<Listing, TargetError> {
        let query = self.query(kind, wanted, None);
        if lookups.requests(kind) == 0 {
            // One request at least shows that the target can be read.
            query.open().await?;
        }
        let mut found = BTreeMap::new();
        match lookups::look_up(self, kind, lookups, wanted, &mut found).await {
            Ok(()) => {
                let resources = found.into_values().collect();
                Ok(Listing { resources, trust: ListTrust::NotAsked })
            }
            Err(error) if error.kind() == ErrorKind::Filter || matches!(error.status(), Some(400 | 501)) => {
                query.list().await
            }
            Err(error) => Err(error),
        }
    }

    async fn groups(&self, wanted: Option<&Wanted>, lookups: Option<&Lookups>) -> Result<Listing, TargetError> {
        let Some(wanted) = wanted else {
            return Ok(Listing::default());
        };
        let filters = &self.profile.capabilities.filter_groups;
        let alone = |lookups: &&Lookups| !lookups.only_when_cheaper && lookups.possible(ResourceKind::Group, filters);
        match lookups.filter(alone) {
            Some(lookups) => self.sought(ResourceKind::Group, lookups, wanted).await,
            None => self.query(ResourceKind::Group, wanted, None).list().await,
        }
    }

    /// Finds out members that the target shows nowhere, of the groups asked for, by the filters that it has and in as
    /// few requests as they allow. Members stay unknown where an answer is missing, in part or in doubt.
    pub async fn memberships(&self, live: &Live, asked: &Memberships) -> Result<FoundOut, TargetError> {
        memberships::find_out(self, live, asked, &self.profile.capabilities).await
    }

    /// One resource by id; `None` where there is no such id. Members that a full answer does not show are none (RFC 7643
    /// section 2.5), unless the profile says that the server hides them everywhere.
    pub async fn get(
        &self,
        kind: ResourceKind,
        id: &str,
        wanted: &Wanted,
    ) -> Result<Option<LiveResource>, TargetError> {
        let segments = [kind.endpoint(), id];
        let parameter = if self.profile.capabilities.attributes_parameter { wanted.parameter() } else { None };
        let parameters: Vec<_> = parameter.iter().map(|names| ("attributes", names.as_str())).collect();
        let answer = match self.getter.get(&segments, &parameters).await {
            Ok(answer) => answer,
            Err(error) if error.status() == Some(404) => return Ok(None),
            Err(error) => return Err(error),
        };
        let unreadable = |why: &str| self.getter.unreadable(&segments, answer.status, why);
        let resource = decode::resource(&answer.body, kind, wanted).map_err(|why| unreadable(&why))?;
        let mut resource = resource.ok_or_else(|| unreadable("the answer is a resource without an id"))?;
        if let Some(etag) = answer.header(ETAG) {
            resource.version = Some(etag.to_owned());
        }
        resource.by_id = true;
        if self.profile.capabilities.members == MembersShown::Never {
            resource.members = Members::Unknown;
        } else if kind == ResourceKind::Group && wanted.members() && resource.members == Members::Unknown {
            resource.members = Members::Known(Vec::new());
        }
        Ok(Some(resource))
    }

    /// One resource with all that the server shows; `None` where there is no such id.
    pub async fn get_whole(&self, kind: ResourceKind, id: &str) -> Result<Option<Whole>, TargetError> {
        let segments = [kind.endpoint(), id];
        let answer = match self.getter.get(&segments, &[]).await {
            Ok(answer) => answer,
            Err(error) if error.status() == Some(404) => return Ok(None),
            Err(error) => return Err(error),
        };
        let object = decode::whole(&answer.body);
        let object = object.map_err(|why| self.getter.unreadable(&segments, answer.status, &why))?;
        Ok(Some(Whole { object, etag: answer.header(ETAG).map(str::to_owned) }))
    }

    /// Resources that an `eq` filter gives; an error of kind `Filter` if the server plainly ignores it, or
    /// does not say what it found. Servers compare in ways of their own: check what is found.
    pub async fn find(
        &self,
        kind: ResourceKind,
        path: &AttrPath,
        value: &str,
        wanted: &Wanted,
    ) -> Result<Vec<LiveResource>, TargetError> {
        let filter = filter::eq(path.clone(), value).to_string();
        let query = Query { abreast: 1, ..self.query(kind, wanted, Some(filter)) };
        let opening = query.open().await?;
        if opening.requests_left().is_some_and(|left| left > MOST_FOUND_PAGES) {
            let why = "it takes no notice of filters: an `eq` filter gave more than anything can match";
            return Err(self.getter.refused(kind, why));
        }
        if opening.page.bare {
            let why = "an `eq` filter was answered by a list with neither `totalResults` nor `Resources`";
            return Err(self.getter.refused(kind, why));
        }
        Ok(query.finish(opening).await?.resources)
    }
}

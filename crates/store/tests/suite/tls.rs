//! TLS to PostgreSQL: a real server, with certificates made here.

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tempfile::TempDir;
use waypost_store::testing::PrivatePostgres;
use waypost_store::{Store, StoreConfig, StoreError, query_one};

/// A server whose certificate bears one name, and the file of the authority that signed it.
struct Secured {
    server: PrivatePostgres,
    folder: TempDir,
}

fn secured(name: &str) -> Secured {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&key, &ca).unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("ca.pem"), ca.pem()).unwrap();
    Secured { server: PrivatePostgres::start_with_tls(&leaf.pem(), &key.serialize_pem()), folder }
}

impl Secured {
    /// A store there; `authority` says whose certificates it believes.
    fn config(&self, query: &str, authority: &Self) -> StoreConfig {
        let mut config = StoreConfig::postgres(self.server.url_over_tcp("postgres") + query);
        config.ca_file = Some(authority.folder.path().join("ca.pem"));
        config
    }
}

/// Whether the server says that it speaks TLS with us.
async fn is_secure(store: &Store) -> bool {
    let asked = "SELECT CAST(ssl AS int) FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
    let read = store.read(move |tx| query_one(tx, asked, &[])?.map_or(Ok(0), |row| row.int(0)));
    read.await.unwrap() == 1
}

#[tokio::test]
async fn a_server_is_spoken_to_with_tls_where_the_url_requires_it() {
    let secured = secured("localhost");
    let store = Store::open(&secured.config("?sslmode=require", &secured)).unwrap();
    assert!(is_secure(&store).await);
    store.close().await;
    for query in ["", "?sslmode=prefer", "?sslmode=disable"] {
        let store = Store::open(&secured.config(query, &secured)).unwrap();
        assert!(!is_secure(&store).await, "{query}");
        store.close().await;
    }
}

/// What opening says.
fn refused(config: &StoreConfig) -> String {
    match Store::open(config) {
        Err(StoreError::Unavailable(told)) => told,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it opened"),
    }
}

#[tokio::test]
async fn a_server_nobody_vouches_for_or_of_another_name_is_not_spoken_to() {
    let (secured, stranger) = (secured("localhost"), self::secured("db.example.org"));
    let told = refused(&secured.config("?sslmode=require", &stranger));
    assert!(told.contains("invalid peer certificate"), "{told}");
    let told = refused(&stranger.config("?sslmode=require", &stranger));
    assert!(told.contains("invalid peer certificate") && told.contains("localhost"), "{told}");
    let mut config = secured.config("?sslmode=require", &secured);
    config.ca_file = Some(secured.folder.path().join("absent.pem"));
    let told = refused(&config);
    assert!(told.starts_with("TLS to PostgreSQL: ") && told.contains("absent.pem"), "{told}");
    // The public authorities do not know it.
    config.ca_file = None;
    let told = refused(&config);
    assert!(told.contains("invalid peer certificate"), "{told}");
}

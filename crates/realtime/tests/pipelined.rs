//! A client that does not wait for CONNACK before it goes on, which MQTT 3.1.1 allows (section 3.1.4).
#![expect(clippy::unwrap_used, reason = "failing is a test's answer")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use waypost_realtime::{
    Admitted, BoxFuture, Broker, Desk, DeskError, Door, Hello, Hub, Limits, Parcel, Qos, Refused, Settled,
    Topics, Transport,
};

/// A ledger that lets everybody in and notes what is subscribed to.
#[derive(Default)]
struct Open(Mutex<Topics>);

impl Desk for Open {
    fn admit(&self, _: Hello) -> BoxFuture<'static, Result<Admitted, Refused>> {
        let admitted =
            Admitted { session: 1, app_id: "MU1".to_owned(), user_id: "ann".to_owned(), topics: None };
        Box::pin(async { Ok(admitted) })
    }

    fn waiting(&self, _: i64, _: i64, _: usize) -> BoxFuture<'static, Result<Vec<Parcel>, DeskError>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    fn settle(&self, _: i64, _: Vec<Settled>) -> BoxFuture<'static, Result<(), DeskError>> {
        Box::pin(async { Ok(()) })
    }

    fn subscribe(&self, _: i64, topics: Topics) -> BoxFuture<'static, Result<(), DeskError>> {
        *self.0.lock().unwrap() = topics;
        Box::pin(async { Ok(()) })
    }
}

#[tokio::test]
async fn what_comes_with_a_connect_is_handled_after_it() {
    let desk = Arc::new(Open::default());
    let broker = Broker::new(Arc::clone(&desk) as Arc<dyn Desk>, Hub::default(), Limits::default());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving =
        tokio::spawn(broker.clone().serve(Door { listener, transport: Transport::Mqtt, tls: None }));
    let mut client = TcpStream::connect(address).await.unwrap();
    let connect = b"\x10\x15\x00\x04MQTT\x04\xc0\x00\x0a\x00\x01c\x00\x02us\x00\x02pw";
    let subscribe = b"\x82\x0c\x00\x07\x00\x07MU1/ann\x02";
    client.write_all(&[&connect[..], subscribe, b"\xc0\x00"].concat()).await.unwrap();
    let mut answer = [0; 4 + 5 + 2];
    timeout(Duration::from_secs(5), client.read_exact(&mut answer)).await.unwrap().unwrap();
    assert_eq!(&answer, b"\x20\x02\x00\x00\x90\x03\x00\x07\x02\xd0\x00");
    assert_eq!(*desk.0.lock().unwrap(), Topics::from([("MU1/ann".to_owned(), Qos::ExactlyOnce)]));
    broker.stop();
    serving.await.unwrap();
}

"""The commands of Redis that may be run.

They are named one by one, as many read and do harm all the same: KEYS stops a large database, MONITOR shows all that
others say, SORT and EVAL write. What is not on a list is refused.
"""

READING = frozenset(
    """
    bitcount bitpos dbsize exists expiretime get getbit getrange geodist geohash geopos geosearch hexists hget
    hgetall hkeys hlen hmget hrandfield hscan hstrlen hvals lindex llen lpos lrange mget object.encoding
    object.freq object.idletime object.refcount pexpiretime pfcount ping pttl randomkey scan scard sdiff sinter
    sintercard sismember smembers smismember srandmember sscan strlen sunion time ttl type xinfo.consumers
    xinfo.groups xinfo.stream xlen xpending xrange xrevrange zcard zcount zdiff zinter zintercard zlexcount
    zmscore zrandmember zrange zrangebylex zrangebyscore zrank zrevrange zrevrangebylex zrevrangebyscore
    zrevrank zscan zscore zunion memory.usage ft._list ft.aggregate ft.info ft.search json.arrlen json.get
    json.mget json.objkeys json.strlen json.type
    """.split()  # noqa: SIM905  as lines to read
)
WRITING = frozenset(
    """
    append copy decr decrby del expire expireat getdel getex getset hdel hincrby hincrbyfloat hset hsetnx incr
    incrby incrbyfloat linsert lpop lpush lpushx lrem lset ltrim mset msetnx persist pexpire psetex rename
    renamenx rpop rpush rpushx sadd set setbit setex setnx setrange smove spop srem unlink xadd xdel xtrim zadd
    zincrby zpopmax zpopmin zrem zremrangebyrank zremrangebyscore json.del json.set json.merge json.numincrby
    """.split()  # noqa: SIM905  as lines to read
)

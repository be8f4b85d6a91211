"""The identity of addresses: spellings of one page are one, pages that differ are not."""

from __future__ import annotations

import unicodedata
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.parsing.address import MAX_KEY, absolute_url, address_key

PAGE = "http://www.ninhthuan.gov.vn/chinhquyen/sonv/Pages/Thong-bao.aspx"
GUID = "6F9619FF-8B86-D011-B42D-00C04FC964FF"
ITEM = "http://a.vn/tin-tuc/khai-giang-nam-hoc-moi-867366"  # ArticleDetail
LIFERAY = "http://a.vn/web/guest/tin?p_p_id=101_INSTANCE_x&_101_INSTANCE_x_cur=2"
NFD_SLUG = "chi\u0309-so\u0301-ca\u0309i-ca\u0301ch"

SAME = [
    "https://www.ninhthuan.gov.vn/chinhquyen/sonv/Pages/Thong-bao.aspx",
    "http://ninhthuan.gov.vn/chinhquyen/sonv/Pages/Thong-bao.aspx",
    "HTTP://WWW.NinhThuan.gov.vn:80/chinhquyen/sonv/Pages/Thong-bao.aspx",
    "https://www.ninhthuan.gov.vn:443/chinhquyen/sonv/Pages/Thong-bao.aspx",
    "http://www.ninhthuan.gov.vn:443/chinhquyen/sonv/Pages/Thong-bao.aspx",
    "http://www.ninhthuan.gov.vn./chinhquyen/sonv/Pages/Thong-bao.aspx",
    "http://www.ninh%74huan.gov.vn/chinhquyen/sonv/Pages/Thong-bao.aspx",
    "http://khach@www.ninhthuan.gov.vn/chinhquyen/sonv/Pages/Thong-bao.aspx",
    PAGE + "#gsc.tab=0",
    PAGE + "#",
    PAGE + "?",
    PAGE + "?&",
    PAGE + "/",
    PAGE + "?utm_source=zalo&utm_medium=social",
    PAGE + "?UTM_Source=zalo",
    PAGE + "?fbclid=IwAR0&gclid=1&zarsrc=30",
    PAGE + "?gidzl=a&gbraid=b&wbraid=c&dclid=d&msclkid=e&yclid=f&igshid=g",
    PAGE + "?_ga=2.1&_gl=1*x&mc_cid=1&mc_eid=2",
    PAGE + "?gsc.tab=0&gsc.q=lua",
    PAGE + "?fb_action_ids=1&mibextid=Zx&sfnsn=mo",
    PAGE + "?__cf_chl_tk=abc",
    PAGE + "?%75tm_source=zalo",
    PAGE + "?_=1618300000000",
    PAGE + "?t=1618300000&rnd=0.8734509812",
    PAGE + ";jsessionid=0F4A2",
    PAGE + ";JSESSIONID=0F4A2!-1877!8080?jsessionid=0F4A2",
    PAGE + "%3Bjsessionid=0F4A2",
    PAGE + "?PHPSESSID=0f4a2&ASPSESSIONIDCQTT=x",
    PAGE + "?sid=0f4a20f4a20f4a20f4a20f4a2",
    PAGE + "?AspxAutoDetectCookieSupport=1",
    PAGE + "?InitialTabId=Ribbon.Read&VisibilityContext=WSSTabPersistence",
    PAGE + "?__VIEWSTATE=%2FwEP&__EVENTVALIDATION=x&__VIEWSTATEGENERATOR=y",
    PAGE + "?print=1",
    PAGE + "?Print=true&utm_source=x",
    PAGE + "?mode=print",
    "http://www.ninhthuan.gov.vn/(S(lit3py55t21z5v55vlm25s55))/chinhquyen/sonv/Pages/Thong-bao.aspx",
    "http://www.ninhthuan.gov.vn/(A(xY)S(lit3py55))/chinhquyen/sonv/Pages/Thong-bao.aspx",
    "http://www.ninhthuan.gov.vn/(lit3py55t21z5v55vlm25s55)/chinhquyen/sonv/Pages/Thong-bao.aspx",
    "http://www.ninhthuan.gov.vn/chinhquyen/%73onv/Pages/Thong%2Dbao.aspx",
    "http://www.ninhthuan.gov.vn/chinhquyen/x/../sonv/./Pages/Thong-bao.aspx",
    "http://www.ninhthuan.gov.vn/chinhquyen/x/%2E%2e/sonv/%2e/Pages/Thong-bao.aspx",
    "http://www.ninhthuan.gov.vn/../../chinhquyen/sonv/Pages/Thong-bao.aspx",
    "http://www.ninhthuan.gov.vn//chinhquyen///sonv/Pages/Thong-bao.aspx",
    "  " + PAGE + "\n",
    "http://www.ninhthuan.gov.vn/chinhquyen/sonv/Pages/\nThong-bao.aspx",
]


@pytest.mark.parametrize("url", SAME)
def test_fault_119_address_key_is_one_for_all_spellings(url):
    assert address_key(url, fold_case=False) == "ninhthuan.gov.vn/chinhquyen/sonv/Pages/Thong-bao.aspx"


@pytest.mark.parametrize(
    "one, other",
    [
        ("http://a.vn/tin?PageIndex=2&k=b", "http://a.vn/tin?k=b&PageIndex=2"),
        ("http://a.vn/tin?a=1&amp;b=2", "http://a.vn/tin?a=1&b=2"),
        ("http://a.vn/tin?a=1&amp;amp;b=2", "http://a.vn/tin?a=1&b=2"),
        ("http://a.vn/tin?q=a+b", "http://a.vn/tin?q=a%20b"),
        ("http://a.vn/tin?q=%E1%BB%89", "http://a.vn/tin?q=i%CC%89"),
        ("http://a.vn/Tin.aspx?ItemID=5", "http://a.vn/Tin.aspx?itemid=5"),
        # letters of other alphabets, composed and not, escaped and not
        ("http://a.vn/t%E1%BB%89nh", "http://a.vn/tỉnh"),
        ("http://a.vn/chi%CC%89", "http://a.vn/ch%E1%BB%89"),
        ("http://a.vn/" + quote(NFD_SLUG), "http://a.vn/" + unicodedata.normalize("NFC", NFD_SLUG)),
        ("http://a.vn/%e1%bb%89", "http://a.vn/%E1%BB%89"),
        ("http://a.vn/phong,-chong-dich!(1).aspx", "http://a.vn/phong%2C-chong-dich%21%281%29.aspx"),
        ("http://tỉnh.vn/a", f"http://{'tỉnh'.encode('idna').decode()}.vn/a"),
        ("http://TỈNH.vn/a", "http://tỉnh.vn/a"),
        ("http://ti\u0309nh.vn/a", "http://tỉnh.vn/a"),
        ("http://t%E1%BB%89nh.vn/a", "http://tỉnh.vn/a"),
        ("http://a.vn", "http://a.vn/"),
        ("http://a.vn/tin", "http://a.vn/tin/"),
        ("http://a.vn//tin//1", "http://a.vn/tin/1"),
        # the page of a folder
        ("http://a.vn/index.php", "http://a.vn/"),
        ("http://a.vn/Default.aspx?utm_source=zalo", "http://a.vn"),
        ("http://a.vn/chinhquyen/sonv/Pages/default.aspx", "http://a.vn/chinhquyen/sonv/Pages"),
        ("http://a.vn/tin/index.html", "http://a.vn/tin/"),
        # a page number that came along from the listing
        (ITEM + "?pageindex=3", ITEM),
        (ITEM + "?PageIndex=3", ITEM),
        (ITEM + ".html?pageindex=3", ITEM + ".html"),
        ("http://a.vn/tin/202409/ten-bai-viet-45678901/?pageindex=2", "http://a.vn/tin/202409/ten-bai-viet-45678901"),
        # the same article under ids that do not repeat
        ("http://a.vn/ten-cu-119250616200424907.htm", "http://a.vn/ten-moi-119250616200424907.htm"),
        ("http://a.vn/print/ten-cu-4250407154648115.htm", "http://a.vn/ten-cu-4250407154648115.htm"),
        (f"http://a.vn/vi-vn/tid/ten/newsid/{GUID}/cid/1", f"https://a.vn/Muc/tid/ten-2/newsid/{GUID.lower()}/cid/2"),
        (f"http://a.vn/tin/newsid/%7B{GUID}%7D", f"http://a.vn/newsid/{GUID}"),
        ("http://a.vn/ChiTietTinTuc.aspx?nid=5&title=ten-bai.html", "http://a.vn/ChiTietTinTuc.aspx?nid=5"),
        # SharePoint: where the reader came from
        ("http://a.vn/Tin/View.aspx?ID=5&Source=http%3A%2F%2Fa.vn%2Ftin", "http://a.vn/Tin/View.aspx?ID=5"),
        ("http://a.vn/Tin.aspx?ItemID=5&l=Tin&Source=/tin", "http://a.vn/Tin.aspx?l=Tin&ItemID=5"),
        # Liferay: state of the window
        (LIFERAY + "&p_p_state=normal&p_p_mode=view&p_p_lifecycle=0", LIFERAY),
        (LIFERAY + "&p_p_state=maximized&p_p_col_id=column-2&p_p_col_pos=1&p_p_col_count=3", LIFERAY),
        (LIFERAY + "&p_auth=aB3x&_101_INSTANCE_x_resetCur=false&_101_INSTANCE_x_advancedSearch=false", LIFERAY),
        (LIFERAY + "&_101_INSTANCE_x_keywords=&_101_INSTANCE_x_andOperator=true", LIFERAY),
        (LIFERAY + "&_101_INSTANCE_x_redirect=%2Ftrang-chu&redirect=/trang-chu", LIFERAY),
        ("http://a.vn/-/ten-bai?redirect=%2Ftin&inheritRedirect=true", "http://a.vn/-/ten-bai"),
        ("http://a.vn/-/ten-bai?p_p_id=101_INSTANCE_x&p_p_lifecycle=0&p_p_state=normal", "http://a.vn/-/ten-bai"),
        ("http://a.vn/-/ten-bai?p_p_id=x&p_p_state=pop_up&_x_y_viewMode=print", "http://a.vn/-/ten-bai"),
        ("http://a.vn/image/journal/article?img_id=5&t=1618300000000", "http://a.vn/image/journal/article?img_id=5"),
        # other platforms' state
        ("http://a.vn/webcenter/p?dDocName=D1;jsessionid=x!1", "http://a.vn/webcenter/p?dDocName=D1"),
        ("http://a.vn/webcenter/p?dDocName=D1&_afrLoop=12&_adf.ctrl-state=z_4", "http://a.vn/webcenter/p?dDocName=D1"),
        ("http://a.vn/wps/portal/so/!ut/p/z1/04_Sj9/?urile=w:/tin/5", "http://a.vn/wps/portal/so/!ut/p/a0/zz/?urile=w:/tin/5"),
        ("http://a.vn/Default.aspx?tabid=5&ID=7&SkinSrc=%5BG%5DSkins", "http://a.vn/Default.aspx?ID=7&tabid=5"),
        # print views
        ("http://a.vn/print/72", "http://a.vn/node/72"),
        ("http://a.vn/vi/print/node/72", "http://a.vn/vi/node/72"),
        ("http://a.vn/vi/news/print/tin/ten-bai-15.html", "http://a.vn/vi/news/tin/ten-bai-15.html"),
        ("http://a.vn/index.php?nv=news&op=print/tin/ten-15", "http://a.vn/index.php?op=tin/ten-15&nv=news"),
        ("http://a.vn/2024/ten-bai-viet/print/", "http://a.vn/2024/ten-bai-viet/"),
        ("http://a.vn/5-ten-bai.html?tmpl=component&print=1&layout=default&page=", "http://a.vn/5-ten-bai.html"),
        ("http://a.vn/Default.aspx?tabid=5&dnnprintmode=true", "http://a.vn/Default.aspx?tabid=5"),
    ],
)  # fmt: skip
def test_address_key_of_equal_addresses_is_equal(one, other):
    assert address_key(one, fold_case=False) == address_key(other, fold_case=False)


@pytest.mark.parametrize(
    "one, other",
    [
        ("http://a.vn/tin?PageIndex=1", "http://a.vn/tin?PageIndex=2"),
        ("http://a.vn/tin-trong-tinh?pageindex=1", "http://a.vn/tin-trong-tinh?pageindex=2"),
        ("http://a.vn/chuyen-muc/12/tin-tuc.aspx?page=1", "http://a.vn/chuyen-muc/12/tin-tuc.aspx?page=2"),
        (ITEM + "?page=1", ITEM + "?page=2"),
        ("http://a.vn/tin?trang=1", "http://a.vn/tin?trang=2"),
        ("http://a.vn/tin?p=1", "http://a.vn/tin?p=2"),
        ("http://a.vn/tin?start=10", "http://a.vn/tin?start=20"),
        ("http://a.vn/tin/page/2", "http://a.vn/tin/page/3"),
        ("http://a.vn/vi/news/tin/page-2", "http://a.vn/vi/news/tin/page-3"),
        ("http://a.vn/tin?x_cur=1", "http://a.vn/tin?x_cur=2"),
        (LIFERAY, LIFERAY.replace("cur=2", "cur=3")),
        (LIFERAY + "&_101_INSTANCE_x_delta=10", LIFERAY + "&_101_INSTANCE_x_delta=20"),
        (LIFERAY, LIFERAY.replace("INSTANCE_x", "INSTANCE_y")),
        (LIFERAY + "&_101_INSTANCE_x_keywords=lua", LIFERAY),
        ("http://a.vn/tin?p_p_id=x&p_p_lifecycle=2&p_p_resource_id=rss", "http://a.vn/tin?p_p_id=x&p_p_lifecycle=0"),
        ("http://a.vn/tin?b_start:int=10", "http://a.vn/tin?b_start:int=20"),
        ("http://a.vn/ChiTiet.aspx?nid=1", "http://a.vn/ChiTiet.aspx?nid=2"),
        ("http://a.vn/ChiTiet.aspx?bvid=1", "http://a.vn/ChiTiet.aspx?bvid=2"),
        ("http://a.vn/tin.aspx?newsid=1", "http://a.vn/tin.aspx?newsid=2"),
        ("http://a.vn/V.aspx?ItemID=1&l=A", "http://a.vn/V.aspx?ItemID=2&l=A"),
        ("http://a.vn/V.aspx?ItemID=1&l=A", "http://a.vn/V.aspx?ItemID=1&l=B"),
        ("http://a.vn/Default.aspx?tabid=1&ID=7", "http://a.vn/Default.aspx?tabid=2&ID=7"),
        ("http://a.vn/Default.aspx?tabid=1&ID=7", "http://a.vn/Default.aspx?tabid=1&ID=8"),
        (f"http://a.vn/tid/a/newsid/{GUID}/cid/1", f"http://a.vn/tid/a/newsid/{GUID[:-1]}0/cid/1"),
        ("http://a.vn/ten-119250616200424907.htm", "http://a.vn/ten-119250616200424908.htm"),
        ("http://a.vn/ten-1234567890123456.htm", "http://a.vn/khac-1234567890123456.htm"),  # no time in it
        ("http://a.vn/tin/ten-bai-867366", "http://a.vn/tin/ten-bai-867367"),
        ("http://a.vn/index.php?nv=news&op=a", "http://a.vn/index.php?nv=news&op=b"),
        ("http://a.vn/portal/pages/print.aspx?p=1", "http://a.vn/portal/pages/print.aspx?p=2"),
        ("http://a.vn/tin?print=5", "http://a.vn/tin?print=6"),
        ("http://a.vn/tin/print", "http://a.vn/tin"),
        ("http://a.vn/tin?mode=list", "http://a.vn/tin"),
        ("http://a.vn/tin?t=2", "http://a.vn/tin?t=3"),
        ("http://a.vn/tin?sid=12", "http://a.vn/tin?sid=13"),
        ("http://a.vn/tin?s=lua", "http://a.vn/tin?s=ngo"),
        ("http://a.vn/tin?title=a", "http://a.vn/tin?title=b"),
        ("http://a.vn/di?redirect=/a", "http://a.vn/di?redirect=/b"),
        ("http://a.vn/wps/portal/so/!ut/p/z1/04_Sj9/", "http://a.vn/wps/portal/so/!ut/p/z1/05_Tk8/"),
        ("http://a.vn/a%2Fb", "http://a.vn/a/b"),
        ("http://a.vn/a%253Fb", "http://a.vn/a%3Fb"),
        ("http://a.vn/t%E1", "http://a.vn/t%E2"),  # windows-1258 in an address
        ("http://a.vn/tin?q=%E1", "http://a.vn/tin?q=%E2"),
        ("http://a.vn/tin?q=a%26b=c", "http://a.vn/tin?q=a&b=c"),
        ("http://a.vn/tin?k=", "http://a.vn/tin"),
        ("http://a.vn/tin?k=1", "http://a.vn/tin?k=1&k=2"),
        ("http://127.0.0.1:8001/a", "http://127.0.0.1:8002/a"),
        ("http://[::1]:8001/a", "http://[::1]:8002/a"),
        ("http://sonv.a.vn/", "http://a.vn/"),
        ("http://www2.a.vn/", "http://a.vn/"),
        ("http://a.vn/Tin", "http://a.vn/tin"),
        ("http://a.vn/tin-tức", "http://a.vn/tin-tuc"),
        ("http://a.vn/index.php?id=1", "http://a.vn/"),
        ("http://a.vn/Default.aspx?tabid=1&ID=2", "http://a.vn/Default.aspx?tabid=1&ID=3"),
        ("http://a.vn/V.aspx?ItemID=1&l=TinTuc", "http://a.vn/V.aspx?ItemID=1&l=ThongBao"),
        ("http://a.vn/webcenter/portal/x?dDocName=A1", "http://a.vn/webcenter/portal/x?dDocName=A2"),
    ],
)
def test_address_key_of_different_pages_differs(one, other):
    assert address_key(one, fold_case=False) != address_key(other, fold_case=False)


@pytest.mark.parametrize(
    "one, other",
    [
        (PAGE, "https://ninhthuan.gov.vn/ChinhQuyen/SONV/pages/thong-bao.ASPX"),
        ("http://a.vn/portal/Pages/2022-9-21/Tin-xanh-dvv348x.aspx", "http://a.vn/portal/pages/2022-9-21/tin-xanh-DVV348x.aspx"),
        ("http://a.vn/T%E1%BB%88NH", "http://a.vn/t%E1%BB%89nh"),
        ("http://a.vn/TI%CC%89NH", "http://a.vn/tỉnh"),
        ("http://a.vn/tin?PageIndex=2&b=1", "http://a.vn/tin?B=1&pageindex=2"),
        ("http://a.vn/tin?l=TinTuc", "http://a.vn/tin?L=tintuc"),
    ],
)  # fmt: skip
def test_address_key_folds_case_where_the_platform_does(one, other):
    assert address_key(one, fold_case=True) == address_key(other, fold_case=True)


@pytest.mark.parametrize("url", ["javascript:void(0)", "mailto:a@b.vn", "", "http://[", "http://a.vn:x/", "tin-tuc"])
def test_address_key_of_no_web_address_is_itself(url):
    assert address_key(url, fold_case=True) == url


def test_address_key_of_a_very_long_address_is_bounded_and_exact():
    long = "http://a.vn/tin?q=" + "tỉnh+" * 1600
    assert len(address_key(long, fold_case=True)) == MAX_KEY
    assert address_key(long, fold_case=True) == address_key("https://www." + long[7:], fold_case=True)
    assert address_key(long, fold_case=True) != address_key(long + "x", fold_case=True)


def test_address_key_can_be_stored():
    key = address_key("http://a.vn/\ud800?\udfff=%ED%A0%80", fold_case=True)
    assert key == "a.vn/%EF%BF%BD?%EF%BF%BD=%ED%A0%80"  # U+FFFD for half a letter; what was escaped stays as it was


words = st.text("aA%&/.;=?#-()1 đỉ\u0309+:!", max_size=24)
paths = st.lists(
    st.one_of(st.sampled_from(["tin", "Tin-Tuc", "print", "..", "%2e%2e", ";jsessionid=1", "tỉnh"]), words), max_size=5
)
names = st.sampled_from(["utm_source", "PageIndex", "nid", "title", "print", "p_p_id", "_x_y_cur", "t", "op"])
queries = st.lists(st.tuples(names, words), max_size=4)


def address(path, query):
    return "http://a.vn/" + "/".join(path) + "?" + "&".join(f"{name}={value}" for name, value in query)


@given(paths, queries, st.booleans())
def test_address_key_of_a_key_is_the_key(path, query, fold_case):
    key = address_key(address(path, query), fold_case=fold_case)
    assert address_key(key, fold_case=fold_case) == key
    assert address_key("https://www." + key, fold_case=fold_case) == key


slugs = st.text("abcxyzđàỉ0123456789-_", min_size=1, max_size=30)
noise = st.sampled_from(
    ["utm_source=x", "fbclid=IwAR", "jsessionid=1", "p_auth=x", "p_p_state=normal", "_=1618300000000"]
)


@given(
    slugs,
    st.lists(slugs, max_size=3),
    st.lists(noise, max_size=3),
    st.sampled_from(["http://", "https://www.", "HTTP://WWW."]),
)
def test_address_key_is_equal_under_the_stated_equivalences(section, values, tail, scheme):
    query = [f"k{number}={value}" for number, value in enumerate(values)]
    plain = f"http://a.vn/{section}/trang.html?{'&'.join(query)}"
    folder = quote(unicodedata.normalize("NFD", section))
    other = f"{scheme}a.vn:80//{folder}/x/../trang.html/?{'&'.join([*tail, *reversed(query)])}#x"
    assert address_key(other, fold_case=False) == address_key(plain, fold_case=False)


PIECES = [
    *("www.", "a.vn", "host-1", ":80", ":8080", ":65535", ":70000", ":08", "/", "//", ".", "/..", "/Tin-tuc", "/x_y~z"),
    *("/index.html", "/Default.aspx", "/print", "/NewsID/", GUID, "-12320051210111212345.htm", ".html", "%C4%91"),
]


@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=6), st.booleans())
def test_address_key_of_a_plain_address_is_that_of_a_closer_look(pieces, fold_case):
    url = "http://" + "".join(pieces)
    assert address_key(url, fold_case=fold_case) == address_key(url + "?", fold_case=fold_case).removesuffix("?")


@given(st.text(max_size=60), st.booleans())
def test_address_key_of_any_text_can_be_stored(text, fold_case):
    for address in ("http://a.vn/" + text, text):
        assert len(address_key(address, fold_case=fold_case).encode("utf-8")) <= 4 * MAX_KEY


@given(st.text(max_size=40))
def test_absolute_url_is_none_or_fit_to_be_requested(text):
    url = absolute_url(PAGE, text)
    assert url is None or (url.isascii() and " " not in url and url.startswith(("http://", "https://")))


@pytest.mark.parametrize(
    "href, expected",
    [
        ("/Pages/a.aspx", "http://www.ninhthuan.gov.vn/Pages/a.aspx"),
        ("b,c!.aspx", "http://www.ninhthuan.gov.vn/chinhquyen/sonv/Pages/b,c!.aspx"),
        (" /a b.pdf\n", "http://www.ninhthuan.gov.vn/a%20b.pdf"),
        ("/tỉnh.pdf", "http://www.ninhthuan.gov.vn/t%E1%BB%89nh.pdf"),
        ("/a%20b.pdf", "http://www.ninhthuan.gov.vn/a%20b.pdf"),
        ("//x.vn/a", "http://x.vn/a"),
        ("javascript:__doPostBack('x','')", None),
        ("mailto:a@b.vn", None),
        ("#top", None),
        ("", None),
        ("http://[", None),
        ("file:///etc/passwd", None),
    ],
)
def test_absolute_url_of_a_link(href, expected):
    assert absolute_url(PAGE, href) == expected

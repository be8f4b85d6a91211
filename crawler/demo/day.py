"""A day of editorial work on the portal, act by act, and the noise that comes with it.

Each act says how it must be told: kind, field, old and new words. The noise must never be told. This module changes the
site only; who notices is the product's business. The day is 13/04/2021, and it ends on the next morning.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from crawler.demo.articles import Presence, SiteArticle
from crawler.demo.site import Site, load_new_articles


@dataclass(frozen=True, kw_only=True, slots=True)
class Act:
    """One thing an editor did, and the change it must be told as."""

    name: str
    """What was done, e.g. `sum-of-money`."""
    kind: str
    """new, edited, gone, restored, moved or delisted."""
    field: str | None
    """For `edited`: title, lead, body, byline, published or attachments."""
    slug: str
    """The article it was done to (`SiteArticle.slug`)."""
    old: str | None
    """Words, printed date or path before; None where something was added."""
    new: str | None
    """The same afterwards; for `gone` what the address answers now: 404, soft_404 or redirect_home."""


def _edited(name: str, field: str, slug: str, old: str | None, new: str | None) -> Act:
    return Act(name=name, kind="edited", field=field, slug=slug, old=old, new=new)


def _whole(name: str, kind: str, slug: str, old: str | None = None, new: str | None = None) -> Act:
    return Act(name=name, kind=kind, field=None, slug=slug, old=old, new=new)


EDITORIAL_DAY: tuple[Act, ...] = (
    _whole(
        "new-article",
        "new",
        "Hoi-nghi-hiep-thuong-lan-thu-ba-thong-nhat-danh-sach-nguoi-ung-cu",
        new="Hội nghị hiệp thương lần thứ ba thống nhất danh sách người ứng cử đại biểu HĐND tỉnh",
    ),
    _whole(
        "new-article",
        "new",
        "Khai-truong-diem-ban-hang-OCOP-tai-ga-Thap-Cham",
        new="Khai trương điểm bán hàng OCOP tại ga Tháp Chàm",
    ),
    _whole(
        "new-article",
        "new",
        "Phat-dong-chien-dich-diet-lang-quang-phong-sot-xuat-huyet",
        new="Phát động chiến dịch diệt lăng quăng, phòng sốt xuất huyết trước mùa mưa",
    ),
    _whole(
        "new-article",
        "new",
        "Thong-bao-tam-dung-luu-thong-duong-Yen-Ninh-phuc-vu-giai-chay",
        new="Tạm dừng lưu thông một đoạn đường Yên Ninh sáng ngày 18/4/2021 phục vụ giải chạy",
    ),
    _edited(
        "title",
        "title",
        "Go-kho-cho-de-an-phat-trien-dan-cuu,-de",
        "Gỡ khó cho đề án phát triển đàn cừu, dê",
        "Gỡ khó cho đề án phát triển đàn cừu, dê giai đoạn 2021 - 2025",
    ),
    _edited(
        "one-diacritic",
        "body",
        "Tiem-vac-xin-Covid-19-dot-1-cho-luc-luong-tuyen-dau",
        "Lưu Thị Mộng Tuyền",
        "Lưu Thị Mộng Tuyến",
    ),
    _edited(
        "sum-of-money",
        "body",
        "Phe-duyet-du-an-nang-cap-duong-noi-cang-Ca-Na-voi-Quoc-lo-1",
        "21,5 tỷ đồng",
        "215 tỷ đồng",
    ),
    _edited(
        "title-of-a-person",
        "body",
        "Ninh-Phuoc-doi-thoai-voi-thanh-nien-ve-viec-lam-va-khoi-nghiep",
        "Phó Chủ tịch UBND huyện Đàng Văn Minh",
        "Chủ tịch UBND huyện Đàng Văn Minh",
    ),
    _edited(
        "removed-sentence",
        "body",
        "Thu-ngan-sach-quy-I-2021-dat-31-phan-tram-du-toan",
        "Nợ đọng thuế đến cuối tháng 3 là 412 tỷ đồng. ",
        None,
    ),
    _edited(
        "added-paragraph",
        "body",
        "Canh-bao-ngo-doc-ca-noc-va-so-bien-la",
        None,
        "Đến chiều 13/4, thuyền viên 34 tuổi đã tự thở và được chuyển khỏi khoa Hồi sức tích cực; "
        "bốn người còn lại xuất viện từ cuối tuần trước.",
    ),
    _edited("date", "published", "Kim-ngach-xuat-khau-quy-I-dat-hon-24-trieu-USD", "06/04/2021", "05/04/2021"),
    _edited(
        "byline",
        "byline",
        "V-v-tiep-tuc-thuc-hien-cac-giai-phap-phong,-chong-chay-rung-mua-kho",
        "Ngọc Hương - BBT",
        "Ngọc Hân - BBT",
    ),
    _edited(
        "lead",
        "lead",
        "Thap-Po-Klong-Garai-don-khach-tro-lai-dip-le-hoi",
        "Mỗi đêm chỉ nhận 60 khách, ánh sáng được tính toán để không làm hại gạch tháp nghìn năm tuổi.",
        "Mỗi đêm nhận tối đa 90 khách, ánh sáng được tính toán để không làm hại gạch tháp nghìn năm tuổi.",
    ),
    _edited(
        "attachment-behind-the-same-link-text",
        "attachments",
        "Muc-nuoc-cac-ho-chua-va-lich-xuong-giong-vu-He-Thu-2021",
        "/chinhquyen/sonn/Documents/lich-thoi-vu-he-thu-2021.pdf",
        "/chinhquyen/sonn/Documents/lich-thoi-vu-he-thu-2021-dieu-chinh.pdf",
    ),
    _whole("not-found", "gone", "Cong-bo-gia-vat-lieu-xay-dung-thang-3-nam-2021", new="404"),
    _whole("redirect-home", "gone", "Moi-goi-nha-dau-tu-du-an-cho-dau-moi-nong-san-Tan-Son", new="redirect_home"),
    _whole("soft-404", "gone", "Danh-sach-don-vi-cham-dong-BHXH-den-28-02-2021", new="soft_404"),
    _whole(
        "moved",
        "moved",
        "Thu-vien-luu-dong-ve-vung-cao-Phuoc-Binh",
        "/chinhquyen/sovhttdl/Pages/Thu-vien-luu-dong-ve-vung-cao-Phuoc-Binh.aspx",
        "/chinhquyen/thuvien/Pages/Thu-vien-luu-dong-len-voi-vung-cao-Phuoc-Binh.aspx",
    ),
    _whole("delisted", "delisted", "Dien-tap-ung-pho-ca-nhiem-tai-Khu-cong-nghiep-Thanh-Hai"),
    _whole("restored", "restored", "Phuoc-Dinh-phuc-hoi-rung-phi-lao-chan-cat"),
)
"""What is done on the day, in this order."""

NFD_PAGES = frozenset(
    {
        "Ban-giao-12-can-nha-Dai-doan-ket-tai-huyen-Bac-Ai",
        "Hop-bao-thong-tin-ve-Ngay-hoi-doc-sach-nam-2021",
        "Lay-y-kien-nhan-dan-ve-de-an-sap-xep-thon,-khu-pho",
        "Truy-dieu-va-an-tang-5-hai-cot-liet-si-tai-Nghia-trang-liet-si-tinh",
        "Nha-may-dien-gio-o-Ninh-Phuoc-lap-xong-tuabin-thu-12",
        "Cho-Phan-Rang-thi-diem-thanh-toan-khong-dung-tien-mat",
        "Tao-xanh-vao-vu-nguoi-trong-duoc-gia",
        "Tong-kiem-tra-an-toan-ho-dap-sau-mua-lu",
        "Trao-giai-cuoc-thi-Khoa-hoc-ky-thuat-cap-tinh",
        "Lang-gom-Bau-Truc-nhung-ngay-giap-Tet",
        "Xa-Phuoc-Ha-ba-nam-khong-co-ca-sot-ret-noi-dia",
        "Tuyen-dung-vien-chuc-nganh-Y-te-dot-1-nam-2021",
    }
)
"""Noise: pages that are sent in NFD from the day on."""

REENCODED = {
    "Phien-hop-thu-hai-Uy-ban-bau-cu-tinh": frozenset({"nbsp", "zero-width"}),
    "Gap-mat-nu-lanh-dao,-quan-ly-nhan-ngay-8-3": frozenset({"entities"}),
    "Kiem-tra-vung-nuoi-tom-giong-An-Hai": frozenset({"entities", "nbsp", "comments"}),
    "Phuc-dung-nghi-le-Rija-Nagar-dau-nam-cua-nguoi-Cham": frozenset({"spans"}),
    "Dau-gia-quyen-su-dung-dat-khu-dan-cu-Phuoc-My-1": frozenset({"entities", "zero-width"}),
    "Ket-qua-xet-tang-Ky-niem-chuong-vi-su-nghiep-Thong-tin-va-Truyen-thong": frozenset({"nbsp", "spans"}),
}
"""Noise: pages whose rich text is saved again with other blanks, entities and spans around the same words."""


def before_day(site: Site) -> None:
    """Withdraw (404, out of the lists) the article that the day restores."""
    for act in EDITORIAL_DAY:
        if act.kind == "restored":
            site.edit(act.slug, presence=Presence.NOT_FOUND)


def apply_day(site: Site) -> None:
    """Do all acts in the afternoon, make the noise, and move the clock to the same hour of the next day."""
    with site.lock:
        site.advance(hours=7)
        for act in EDITORIAL_DAY:
            apply_act(site, act)
        make_noise(site)
        site.advance(hours=17)


def make_noise(site: Site) -> None:
    """Change what is no news: encodings, blanks, menu."""
    site.nfd |= NFD_PAGES
    for slug, wear in REENCODED.items():
        site.reencode(slug, wear)
    kept = tuple(item for item in site.menu if item[0] != "Doanh nghiệp")
    site.menu = (*kept, ("Bầu cử 2021", "/Pages/Bau-cu-2021.aspx"))


def apply_act(site: Site, act: Act) -> None:
    """Do one act; ValueError when the site is not in the state that the act begins with."""
    match act.kind:
        case "new":
            site.add(replace(_new_article(act.slug), changed_at=site.now))
        case "edited":
            site.edit(act.slug, **_changes(site.article(act.slug), act))
        case "gone":
            site.edit(act.slug, presence=Presence(act.new or ""))
        case "restored":
            site.edit(act.slug, presence=Presence.ALIVE)
        case "delisted":
            site.edit(act.slug, listed=False)
        case "moved":
            _, _, unit, _, page = (act.new or "").removesuffix(".aspx").split("/")
            site.edit(act.slug, unit=unit, page=page)
        case _:
            raise ValueError(f"no such act: {act.kind}")


def _new_article(slug: str) -> SiteArticle:
    return next(article for article in load_new_articles() if article.slug == slug)


def _changes(article: SiteArticle, act: Act) -> dict[str, Any]:
    match act.field:
        case "body":
            return {"paragraphs": _paragraphs(article, act)}
        case "published":
            return {"published": datetime.strptime(f"{act.new} +0700", "%d/%m/%Y %z").date()}
        case "attachments":
            new = act.new or ""
            return {"downloads": tuple(replace(d, path=new) if d.path == act.old else d for d in article.downloads)}
        case str(field) if getattr(article, field) == act.old:
            return {field: act.new}
        case _:
            raise ValueError(f"{act.name}: {article.slug} is not as the act expects it")


def _paragraphs(article: SiteArticle, act: Act) -> tuple[str, ...]:
    if act.old is None:
        return (*article.paragraphs, act.new or "")
    if sum(paragraph.count(act.old) for paragraph in article.paragraphs) != 1:
        raise ValueError(f"{act.name}: {act.old!r} is not once in {article.slug}")
    return tuple(paragraph.replace(act.old, act.new or "") for paragraph in article.paragraphs)

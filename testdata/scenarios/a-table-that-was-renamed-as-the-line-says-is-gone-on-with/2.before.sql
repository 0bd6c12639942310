ALTER TABLE "public-Orders" RENAME TO public_orders; ALTER TABLE public_orders RENAME COLUMN "orderID" TO order_id;
